#include "models/machine/row_streams.h"

#include <algorithm>
#include <limits>

#include "models/dataflows/row_links.h"

namespace basil {
namespace {

// A bus is asked for what a port of its buffer moves at once; routers for a packet.
StreamUnit unit_of(const Description& machine, const BufferParameters& buffer, int bus_bits, int word_bits,
                   int beat_words, std::int64_t destinations) {
  StreamUnit unit{.word_bits = word_bits, .beat_words = beat_words, .destinations = destinations};
  if (machine.noc.routed()) {
    unit.chunk_words = machine.noc.routers.packet * beat_words;
    unit.window = row_window;
  } else {
    unit.chunk_words = std::max(1, buffer.port_bits / bus_bits) * beat_words;
    unit.window = 2;  // what is left of one and the next fill a beat
  }
  return unit;
}

}  // namespace

void RowStream::move(tlm::tlm_command command, std::int64_t words, Cycles now) {
  // Bytes that its bits begin, so that the whole stream's are those of its bits.
  const Bytes before(ceil_div(moved_words_ * unit_.word_bits, 8));
  moved_words_ += words;
  const Bytes bytes = Bytes(ceil_div(moved_words_ * unit_.word_bits, 8)) - before;
  Chunk chunk{.words = words, .complete = now, .parcels = {}};
  chunk.complete +=
      port_.ask(command, static_cast<std::uint64_t>(bytes_.value), bytes, unit_.destinations, chunk.parcels);
  bytes_ += bytes;
  chunks_.push_back(std::move(chunk));
}

void RowStream::ask(Cycles now) {
  while (left_ > 0 && std::ssize(chunks_) < unit_.window) {
    const std::int64_t words = std::min<std::int64_t>(unit_.chunk_words, left_);
    move(tlm::TLM_READ_COMMAND, words, now);
    left_ -= words;
  }
}

void RowStream::draw_ahead(std::int64_t words) {
  words = std::min(words, left_);
  if (words == 0) return;
  move(tlm::TLM_READ_COMMAND, words, Cycles(0));
  left_ -= words;
  chunks_.clear();
}

// Its packets are forgotten as they arrive.
bool RowStream::arrived(Chunk& chunk, Cycles now) {
  while (!chunk.parcels.empty()) {
    const auto arrival = network_->arrival(chunk.parcels.back());
    if (!arrival) return false;
    chunk.complete = std::max(chunk.complete, Cycles(*arrival));
    chunk.parcels.pop_back();
  }
  return chunk.complete <= now + Cycles(1);
}

std::int64_t RowStream::there(Cycles now) {
  std::int64_t words = 0;
  for (Chunk& chunk : chunks_) {
    if (arrived(chunk, now)) {
      words += chunk.words;
      continue;
    }
    // A bus brings a beat a cycle, the last one as the transfer completes.
    const std::int64_t late = (chunk.complete - now).value - 1;
    if (network_ == nullptr) words += std::max<std::int64_t>(0, chunk.words - late * unit_.beat_words);
    break;
  }
  return words;
}

void RowStream::draw(std::int64_t words) {
  while (words > 0) {
    Chunk& first = chunks_.front();
    const std::int64_t drawn = std::min(words, first.words);
    first.words -= drawn;
    words -= drawn;
    if (first.words == 0) chunks_.pop_front();
  }
}

void RowStream::send(Cycles now) {
  while (given_ > 0 && (network_ == nullptr || left_ == 0 || given_ >= unit_.chunk_words)) {
    const std::int64_t words = std::min<std::int64_t>(given_, unit_.chunk_words);
    move(tlm::TLM_WRITE_COMMAND, words, now);
    given_ -= words;
  }
}

void RowStream::send_rest(Cycles now) {
  give(left_);
  send(now);
}

bool RowStream::takes(Cycles now) {
  while (!chunks_.empty() && arrived(chunks_.front(), now)) chunks_.pop_front();
  return std::ssize(chunks_) < unit_.window;
}

void RowStream::give(std::int64_t words) {
  given_ += words;
  left_ -= words;
}

bool RowStream::over(Cycles now) {
  static_cast<void>(takes(now));
  return left_ == 0 && given_ == 0 && chunks_.empty();
}

RowStreams::RowStreams(const Ports& ports, const Description& machine, Interconnect* network,
                       const ArrayWords& words, const ArrayWords& ahead, std::int64_t filter_takers,
                       std::int64_t ifmap_takers)
    : network_(network),
      filters_(ports.filters, network,
               unit_of(machine, machine.filter_buffer, machine.noc.filter_bits,
                       machine.pe.filter_words_per_beat * machine.weight_bits(), 1, filter_takers),
               words.filter_beats),
      ifmap_(ports.ifmap, network,
             unit_of(machine, machine.fmap_buffer, machine.noc.ifmap_bits, machine.word_bits(),
                     machine.row_array().ifmap_words_per_cycle, ifmap_takers),
             words.ifmap),
      psums_in_(ports.psums_in, network,
                unit_of(machine, machine.fmap_buffer, machine.noc.psum_in_bits, machine.psum_bits,
                        machine.row_array().psum_words_per_beat, 1),
                words.psums_in),
      psums_out_(ports.psums_out, network,
                 unit_of(machine, machine.fmap_buffer, machine.noc.psum_out_bits, machine.psum_bits,
                         machine.row_array().psum_words_per_beat, 1),
                 words.psums_out) {
  filters_.draw_ahead(ahead.filter_beats);
  ifmap_.draw_ahead(ahead.ifmap);
}

void RowStreams::ask(Cycles now, bool ifmap) {
  filters_.ask(now);
  if (ifmap) ifmap_.ask(now);
  psums_in_.ask(now);
  psums_out_.send(now);
  if (network_ != nullptr) network_->advance(now.value + 1);
}

ArrayWords RowStreams::offered(Cycles now) {
  return {filters_.there(now), ifmap_.there(now), psums_in_.there(now),
          psums_out_.takes(now) ? std::numeric_limits<std::int64_t>::max() : 0};
}

void RowStreams::moved(const ArrayWords& words) {
  filters_.draw(words.filter_beats);
  ifmap_.draw(words.ifmap);
  psums_in_.draw(words.psums_in);
  psums_out_.give(words.psums_out);
}

}  // namespace basil
