// Messages between two processes: a kind, a number and a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/processes/wire.h"

namespace basil {

struct Message {
  char kind = 0;
  std::uint64_t number = 0;
  WireValue value = {};
};

// All of it; false where the other side is gone.
bool send_message(int socket, const Message& message);
// The first one that `received` holds whole, which is taken from it.
[[nodiscard]] std::optional<Message> take_message(std::string& received);
// Adds what has arrived, at least a byte, to `received`; false where the other side is gone.
bool receive_some(int socket, std::string& received);
// The next one, however long it takes; nothing where the other side is gone.
[[nodiscard]] std::optional<Message> next_message(int socket, std::string& received);

}  // namespace basil
