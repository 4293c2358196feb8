#include "registry/loose_objects.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "git2.h"
#include "git2/sys/odb_backend.h"

#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// `<type> SP <decimal size> NUL`.
constexpr size_t kMaxHeaderBytes = 64;
constexpr size_t kChunkBytes = 16384;

std::string ObjectPath(const std::string& directory, const ObjectId& id) {
  const std::string hex = id.Hex();
  return absl::StrCat(directory, "/", hex.substr(0, 2), "/", hex.substr(2));
}

// Inflates a file piece by piece.
class InflatedFile {
 public:
  InflatedFile() = default;
  InflatedFile(const InflatedFile&) = delete;
  InflatedFile& operator=(const InflatedFile&) = delete;
  ~InflatedFile() {
    if (ready_) inflateEnd(&stream_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  absl::Status Open(const std::string& path) {
    // A pipe in the place of a file must not hold anybody.
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ < 0) {
      return errno == ENOENT || errno == ENOTDIR
                 ? absl::NotFoundError("it is missing")
                 : absl::DataLossError(
                       absl::StrCat(path, ": ", std::strerror(errno)));
    }
    struct stat facts {};
    if (::fstat(descriptor_, &facts) != 0 || !S_ISREG(facts.st_mode)) {
      return absl::DataLossError(absl::StrCat(path, " is no regular file"));
    }
    ready_ = inflateInit(&stream_) == Z_OK;
    return ready_ ? absl::OkStatus()
                  : absl::ResourceExhaustedError("no memory to inflate it");
  }

  // Fills `out` as far as the file goes; how much there was.
  absl::StatusOr<size_t> Read(char* out, size_t size) {
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    size_t filled = 0;
    while (filled < size && !ended_) {
      if (stream_.avail_in == 0) {
        const ssize_t got = ::read(descriptor_, input_.data(), input_.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return absl::DataLossError(std::strerror(errno));
        if (got == 0) return absl::DataLossError("its file is cut off");
        stream_.next_in = input_.data();
        stream_.avail_in = static_cast<uInt>(got);
      }
      const auto room =
          static_cast<uInt>(std::min<size_t>(size - filled, size_t{1} << 30));
      stream_.avail_out = room;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      filled += room - stream_.avail_out;
      if (result == Z_STREAM_END) {
        ended_ = true;
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return absl::DataLossError("its file is damaged");
      }
    }
    return filled;
  }

 private:
  int descriptor_ = -1;
  bool ready_ = false;
  bool ended_ = false;
  z_stream stream_{};
  std::array<Bytef, kChunkBytes> input_;
};

std::optional<ObjectType> TypeOf(absl::string_view name) {
  if (name == "blob") return ObjectType::kBlob;
  if (name == "tree") return ObjectType::kTree;
  if (name == "commit") return ObjectType::kCommit;
  if (name == "tag") return ObjectType::kTag;
  return std::nullopt;
}

// The header, and in `*begun` what was read of the bytes behind it.
absl::StatusOr<LooseHeader> ReadHeader(InflatedFile& file, std::string* begun) {
  std::array<char, kMaxHeaderBytes> front;
  ORRERY_ASSIGN_OR_RETURN(const size_t read,
                          file.Read(front.data(), front.size()));
  const absl::string_view text(front.data(), read);
  const size_t space = text.find(' ');
  const size_t end = text.find('\0');
  if (space == absl::string_view::npos || end == absl::string_view::npos ||
      end < space) {
    return absl::DataLossError("its file has no header");
  }
  const absl::string_view digits = text.substr(space + 1, end - space - 1);
  LooseHeader header;
  const std::optional<ObjectType> type = TypeOf(text.substr(0, space));
  if (!type.has_value() || digits.empty() ||
      digits.find_first_not_of("0123456789") != absl::string_view::npos ||
      !absl::SimpleAtoi(digits, &header.size)) {
    return absl::DataLossError("its file has a header that says nothing");
  }
  header.type = *type;
  *begun = std::string(text.substr(end + 1));
  return header;
}

struct LooseBackend {
  git_odb_backend parent;
  std::string directory;
  uint64_t max_bytes;
};

ObjectId IdOf(const git_oid* oid) {
  ObjectId id;
  std::memcpy(id.bytes.data(), oid->id, id.bytes.size());
  return id;
}

git_object_t GitType(ObjectType type) {
  switch (type) {
    case ObjectType::kCommit:
      return GIT_OBJECT_COMMIT;
    case ObjectType::kTree:
      return GIT_OBJECT_TREE;
    case ObjectType::kBlob:
      return GIT_OBJECT_BLOB;
    case ObjectType::kTag:
      return GIT_OBJECT_TAG;
  }
  return GIT_OBJECT_INVALID;
}

int GitResult(const absl::Status& status) {
  if (absl::IsNotFound(status)) return GIT_ENOTFOUND;
  git_error_set_str(GIT_ERROR_ODB, std::string(status.message()).c_str());
  return GIT_ERROR;
}

int BackendReadHeader(size_t* size, git_object_t* type,
                      git_odb_backend* backend, const git_oid* oid) {
  const auto* self = reinterpret_cast<LooseBackend*>(backend);
  const absl::StatusOr<LooseHeader> header =
      ReadLooseHeader(self->directory, IdOf(oid));
  if (!header.ok()) return GitResult(header.status());
  *size = header->size;
  *type = GitType(header->type);
  return GIT_OK;
}

int BackendRead(void** bytes, size_t* size, git_object_t* type,
                git_odb_backend* backend, const git_oid* oid) {
  const auto* self = reinterpret_cast<LooseBackend*>(backend);
  const absl::StatusOr<LooseObject> object =
      ReadLooseObject(self->directory, IdOf(oid), self->max_bytes);
  if (!object.ok()) return GitResult(object.status());
  // libgit2 looks one byte further and expects a NUL there.
  const size_t copied = object->bytes.size() + 1;
  *bytes = git_odb_backend_data_alloc(backend, copied);
  if (*bytes == nullptr) return GIT_ERROR;
  std::memcpy(*bytes, object->bytes.c_str(), copied);
  *size = object->bytes.size();
  *type = GitType(object->header.type);
  return GIT_OK;
}

int BackendExists(git_odb_backend* backend, const git_oid* oid) {
  const auto* self = reinterpret_cast<LooseBackend*>(backend);
  return ReadLooseHeader(self->directory, IdOf(oid)).ok() ? 1 : 0;
}

void BackendFree(git_odb_backend* backend) {
  delete reinterpret_cast<LooseBackend*>(backend);
}

}  // namespace

absl::StatusOr<LooseHeader> ReadLooseHeader(const std::string& directory,
                                            const ObjectId& id) {
  InflatedFile file;
  ORRERY_RETURN_IF_ERROR(file.Open(ObjectPath(directory, id)));
  std::string begun;
  return ReadHeader(file, &begun);
}

absl::StatusOr<LooseObject> ReadLooseObject(const std::string& directory,
                                            const ObjectId& id,
                                            uint64_t max_bytes) {
  InflatedFile file;
  ORRERY_RETURN_IF_ERROR(file.Open(ObjectPath(directory, id)));
  LooseObject object;
  ORRERY_ASSIGN_OR_RETURN(object.header, ReadHeader(file, &object.bytes));
  const uint64_t size = object.header.size;
  if (size > max_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("it has ", size, " bytes, more than ", max_bytes));
  }
  const size_t begun = object.bytes.size();
  const absl::Status lies = absl::DataLossError(
      absl::StrCat("its file does not hold the ", size, " bytes it states"));
  if (begun > size) return lies;
  // One more than there should be, to see where it ends.
  object.bytes.resize(size + 1);
  ORRERY_ASSIGN_OR_RETURN(
      const size_t rest,
      file.Read(object.bytes.data() + begun, size + 1 - begun));
  if (begun + rest != size) return lies;
  object.bytes.resize(size);
  return object;
}

git_odb_backend* NewLooseBackend(const std::string& directory,
                                 uint64_t max_bytes) {
  auto* backend = new LooseBackend{{}, directory, max_bytes};
  git_odb_init_backend(&backend->parent, GIT_ODB_BACKEND_VERSION);
  backend->parent.read = BackendRead;
  backend->parent.read_header = BackendReadHeader;
  backend->parent.exists = BackendExists;
  backend->parent.free = BackendFree;
  return &backend->parent;
}

}  // namespace orrery::registry
