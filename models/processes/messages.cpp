#include "models/processes/messages.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace basil {
namespace {

struct Head {
  std::uint64_t bytes, number, kind;
};

}  // namespace

bool send_message(int socket, const Message& message) {
  const std::string bytes = to_wire(message.value);
  const Head head{bytes.size(), message.number, static_cast<std::uint64_t>(message.kind)};
  std::string whole(reinterpret_cast<const char*>(&head), sizeof head);
  whole += bytes;
  for (std::size_t at = 0; at < whole.size();) {
    const ssize_t sent = ::send(socket, whole.data() + at, whole.size() - at, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    at += static_cast<std::size_t>(sent);
  }
  return true;
}

std::optional<Message> take_message(std::string& received) {
  Head head{};
  if (received.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, received.data(), sizeof head);
  if (received.size() - sizeof head < head.bytes) return std::nullopt;
  Message message{static_cast<char>(head.kind), head.number,
                  from_wire(std::string_view(received).substr(sizeof head, head.bytes))};
  received.erase(0, sizeof head + head.bytes);
  return message;
}

bool receive_some(int socket, std::string& received) {
  std::array<char, 4096> block{};
  for (;;) {
    const ssize_t got = ::read(socket, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    received.append(block.data(), static_cast<std::size_t>(got));
    return true;
  }
}

std::optional<Message> next_message(int socket, std::string& received) {
  for (;;) {
    if (std::optional<Message> message = take_message(received)) return message;
    if (!receive_some(socket, received)) return std::nullopt;
  }
}

}  // namespace basil
