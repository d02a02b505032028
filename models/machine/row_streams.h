// The streams between the buffers and a clocked row-stationary array: words asked for as their places come
// free, a bus beat or a packet at a time, and what has arrived of them.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "dataflows/row_stationary/row_block.h"
#include "memory/noc/interconnect.h"
#include "memory/port/port.h"
#include "models/description/description.h"

namespace basil {

// What a stream's words travel in.
struct StreamUnit {
  int word_bits = 16;   // of filters: of a beat
  int beat_words = 1;   // that its bus, or a flit, carries in a cycle
  int chunk_words = 1;  // asked for at once
  int window = 1;       // chunks under way or not wholly drawn
  std::int64_t destinations = 1;
};

// One stream. A cycle is named by the time at which it begins; what is complete by its end moves in it.
class RowStream {
 public:
  // Without a network a bus carries the words, whose time is the transfer's own.
  RowStream(MemoryPort& port, Interconnect* network, const StreamUnit& unit, std::int64_t words)
      : port_(port), network_(network), unit_(unit), left_(words) {}

  // In: asks for what there is a place for.
  void ask(Cycles now);
  // Words that came before the pass: read, and not waited for.
  void draw_ahead(std::int64_t words);
  [[nodiscard]] std::int64_t there(Cycles now);
  void draw(std::int64_t words);

  // Out: sends what was given before this cycle, once it fills a chunk or is the last; a bus takes all.
  void send(Cycles now);
  void send_rest(Cycles now);
  [[nodiscard]] bool takes(Cycles now);
  void give(std::int64_t words);
  // All given, and arrived by the end of this cycle.
  [[nodiscard]] bool over(Cycles now);

  [[nodiscard]] Bytes bytes() const { return bytes_; }

 private:
  struct Chunk {
    std::int64_t words = 0;
    Cycles complete;  // absolute; with packets under way: the memory's part
    std::vector<std::uint64_t> parcels;
  };
  void move(tlm::tlm_command command, std::int64_t words, Cycles now);
  [[nodiscard]] bool arrived(Chunk& chunk, Cycles now);

  MemoryPort& port_;
  Interconnect* network_;
  StreamUnit unit_;
  std::int64_t left_;  // to be asked for, or to be given
  std::int64_t given_ = 0, moved_words_ = 0;
  Bytes bytes_;
  std::deque<Chunk> chunks_;
};

// The four of a pass.
class RowStreams {
 public:
  struct Ports {
    MemoryPort &filters, &ifmap, &psums_in, &psums_out;
  };
  // `words`: of the whole pass, `ahead` of which came before it.
  RowStreams(const Ports& ports, const Description& machine, Interconnect* network, const ArrayWords& words,
             const ArrayWords& ahead, std::int64_t filter_takers, std::int64_t ifmap_takers);

  // At the begin of a cycle: asks and sends; `ifmap`: its bus works.
  void ask(Cycles now, bool ifmap);
  // What may move in the cycle, and what did.
  [[nodiscard]] ArrayWords offered(Cycles now);
  void moved(const ArrayWords& words);
  // All that was not given yet, not waited for: it leaves under the next pass.
  void send_rest(Cycles now) { psums_out_.send_rest(now); }
  // The last sum has arrived by the end of the cycle.
  [[nodiscard]] bool over(Cycles now) { return psums_out_.over(now); }
  // Ifmap words and psums so far.
  [[nodiscard]] Bytes fmap_traffic() const { return ifmap_.bytes() + psums_in_.bytes() + psums_out_.bytes(); }

 private:
  Interconnect* network_;
  RowStream filters_, ifmap_, psums_in_, psums_out_;
};

}  // namespace basil
