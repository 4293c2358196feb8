#include "registry/git/inflate_stream.h"

#include <zlib.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// What zlib counts in an unsigned int.
constexpr uint64_t kMaxStep = uint64_t{1} << 30;

}  // namespace

void InflateStream::Deleter::operator()(z_stream_s* stream) const {
  inflateEnd(stream);
  delete stream;
}

InflateStream::InflateStream() = default;
InflateStream::~InflateStream() = default;
InflateStream::InflateStream(InflateStream&&) noexcept = default;
InflateStream& InflateStream::operator=(InflateStream&&) noexcept = default;

absl::Status InflateStream::Begin(RegularFile* file, uint64_t offset) {
  if (stream_ == nullptr) {
    auto stream = std::make_unique<z_stream>();
    if (inflateInit(stream.get()) != Z_OK) {
      return absl::ResourceExhaustedError("no memory to inflate it");
    }
    stream_.reset(stream.release());
  } else {
    inflateReset(stream_.get());
  }
  file_ = file;
  offset_ = offset;
  ended_ = false;
  return absl::OkStatus();
}

absl::StatusOr<size_t> InflateStream::Read(char* out, size_t size) {
  z_stream& stream = *stream_;
  stream.next_out = reinterpret_cast<Bytef*>(out);
  size_t filled = 0;
  while (filled < size && !ended_) {
    // What is left of it is looked up again: others may read the file between.
    ORRERY_ASSIGN_OR_RETURN(const absl::string_view input,
                            file_->Bytes(offset_, 1));
    // zlib does not write to it.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    const auto given =
        static_cast<uInt>(std::min<uint64_t>(input.size(), kMaxStep));
    stream.avail_in = given;
    const auto room =
        static_cast<uInt>(std::min<uint64_t>(size - filled, kMaxStep));
    stream.avail_out = room;
    const int result = inflate(&stream, Z_NO_FLUSH);
    filled += room - stream.avail_out;
    offset_ += given - stream.avail_in;
    if (result == Z_STREAM_END) {
      ended_ = true;
    } else if (result != Z_OK) {
      return absl::DataLossError("its file is damaged");
    }
  }
  return filled;
}

absl::StatusOr<std::string> InflateStream::ReadToEnd(std::string begun,
                                                     uint64_t size) {
  const absl::Status lies = absl::DataLossError(
      absl::StrCat("its file does not hold the ", size, " bytes it states"));
  const size_t before = begun.size();
  if (before > size) return lies;
  // One more than there should be, to see where it ends.
  begun.resize(size + 1);
  ORRERY_ASSIGN_OR_RETURN(const size_t rest,
                          Read(begun.data() + before, size + 1 - before));
  if (before + rest != size) return lies;
  begun.resize(size);
  return begun;
}

}  // namespace orrery::registry
