#include "registry/git/odb_backend.h"

#include <cstring>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "git2.h"
#include "git2/sys/odb_backend.h"

namespace orrery::registry {
namespace {

struct Backend {
  git_odb_backend parent;
  std::unique_ptr<ObjectReader> reader;
};

ObjectReader& ReaderOf(git_odb_backend* backend) {
  return *reinterpret_cast<Backend*>(backend)->reader;
}

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

int ReadHeader(size_t* size, git_object_t* type, git_odb_backend* backend,
               const git_oid* oid) {
  const absl::StatusOr<ObjectHeader> header =
      ReaderOf(backend).ReadHeader(IdOf(oid));
  if (!header.ok()) return GitResult(header.status());
  *size = header->size;
  *type = GitType(header->type);
  return GIT_OK;
}

int Read(void** bytes, size_t* size, git_object_t* type,
         git_odb_backend* backend, const git_oid* oid) {
  const absl::StatusOr<StoredObject> object = ReaderOf(backend).Read(IdOf(oid));
  if (!object.ok()) return GitResult(object.status());
  // libgit2 looks one byte further and expects a NUL there.
  const size_t copied = object->bytes.size() + 1;
  *bytes = git_odb_backend_data_alloc(backend, copied);
  if (*bytes == nullptr) return GIT_ERROR;
  std::memcpy(*bytes, object->bytes.c_str(), copied);
  *size = object->bytes.size();
  *type = GitType(object->type);
  return GIT_OK;
}

int Exists(git_odb_backend* backend, const git_oid* oid) {
  return ReaderOf(backend).ReadHeader(IdOf(oid)).ok() ? 1 : 0;
}

int Refresh(git_odb_backend* backend) {
  ReaderOf(backend).Refresh();
  return GIT_OK;
}

void Free(git_odb_backend* backend) {
  delete reinterpret_cast<Backend*>(backend);
}

}  // namespace

git_odb_backend* NewOdbBackend(std::unique_ptr<ObjectReader> reader) {
  auto* backend = new Backend{{}, std::move(reader)};
  git_odb_init_backend(&backend->parent, GIT_ODB_BACKEND_VERSION);
  backend->parent.read = Read;
  backend->parent.read_header = ReadHeader;
  backend->parent.exists = Exists;
  backend->parent.refresh = Refresh;
  backend->parent.free = Free;
  return &backend->parent;
}

}  // namespace orrery::registry
