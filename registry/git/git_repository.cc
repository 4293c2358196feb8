#include "registry/git/git_repository.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "git2.h"
#include "git2/sys/odb_backend.h"

#include "registry/git/git_allocator.h"
#include "registry/git/loose_objects.h"
#include "registry/git/object_fault.h"
#include "registry/git/odb_backend.h"
#include "registry/git/pack_objects.h"
#include "registry/git/regular_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr uint64_t kMaxObjectBytes = uint64_t{256} << 20;
// The Linux kernel's largest has 60 KB.
constexpr uint64_t kMaxCommitBytes = uint64_t{4} << 20;
// Of what was just read, in all repositories together, and of a blob among it:
// releases of a package have most of their files in common.
constexpr ssize_t kMaxCacheBytes = ssize_t{32} << 20;
constexpr size_t kMaxCachedBlobBytes = size_t{256} << 10;
// A tag that names a tag that names a tag.
constexpr int kMaxTags = 16;
// A ref that names a ref; git follows as many.
constexpr int kMaxRefs = 5;
// Folders of objects that borrow from each other, as git allows.
constexpr size_t kMaxAlternates = 16;
// Of a file that names other folders.
constexpr uint64_t kMaxLinkBytes = 65536;

// What the parser said, with the object that it is about.
template <typename T>
absl::StatusOr<T> Parsed(const ObjectId& id, absl::string_view kind,
                         absl::StatusOr<T> parsed) {
  if (parsed.ok()) return parsed;
  return ObjectRefused(absl::DataLossError(absl::StrCat(
      kind, " ", id.Hex(), " is malformed: ", parsed.status().message())));
}

git_oid ToOid(const ObjectId& id) {
  git_oid oid;
  std::memcpy(oid.id, id.bytes.data(), id.bytes.size());
  return oid;
}

ObjectId FromOid(const git_oid& oid) {
  ObjectId id;
  std::memcpy(id.bytes.data(), oid.id, id.bytes.size());
  return id;
}

// The repository belongs to whoever publishes it, and no configuration but its
// own is looked at.
bool InitialiseLibrary() {
  git_libgit2_init();
  LimitGitAllocations(kMaxObjectBytes + 1024);
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  // What is not what its id says is no fact about a release (trust.md §22.4).
  git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1);
  git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, kMaxCacheBytes);
  git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_BLOB,
                   kMaxCachedBlobBytes);
  for (const int level : {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
                          GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL}) {
    git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
  }
  return true;
}

struct OdbDeleter {
  void operator()(git_odb* database) const { git_odb_free(database); }
};

// `first` and the folders whose objects it borrows.
std::vector<std::string> ObjectFolders(const std::string& first) {
  std::vector<std::string> folders = {first};
  for (size_t i = 0; i < folders.size(); ++i) {
    const absl::StatusOr<std::string> alternates = ReadRegularFile(
        absl::StrCat(folders[i], "/info/alternates"), kMaxLinkBytes);
    if (!alternates.ok()) continue;
    const std::vector<std::string> lines = absl::StrSplit(*alternates, '\n');
    for (std::string line : lines) {
      if (folders.size() == kMaxAlternates) break;
      if (line.empty() || line[0] == '#') continue;
      if (line[0] != '/') line = absl::StrCat(folders[i], "/", line);
      if (std::find(folders.begin(), folders.end(), line) == folders.end()) {
        folders.push_back(line);
      }
    }
  }
  return folders;
}

// libgit2 opens files without asking what they are, and a pipe in the place of
// one would hold it for ever.
absl::Status CheckNoPipe(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0 || S_ISREG(facts.st_mode) ||
      S_ISDIR(facts.st_mode)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat(path, " is neither a file nor a folder"));
}

// The same for all that is read to open the repository at `path`, which may
// name another folder, as a worktree does.
absl::Status CheckNoPipes(const std::string& path) {
  std::vector<std::string> folders = {path, absl::StrCat(path, "/.git")};
  for (size_t i = 0; i < folders.size() && folders.size() < 6; ++i) {
    for (const char* name : {".git", "HEAD", "config", "config.worktree",
                             "commondir", "packed-refs"}) {
      ORRERY_RETURN_IF_ERROR(CheckNoPipe(absl::StrCat(folders[i], "/", name)));
    }
    for (const char* name : {".git", "commondir"}) {
      const absl::StatusOr<std::string> link =
          ReadRegularFile(absl::StrCat(folders[i], "/", name), kMaxLinkBytes);
      if (!link.ok()) continue;
      absl::string_view target = absl::StripAsciiWhitespace(*link);
      absl::ConsumePrefix(&target, "gitdir: ");
      folders.push_back(absl::StartsWith(target, "/")
                            ? std::string(target)
                            : absl::StrCat(folders[i], "/", target));
    }
  }
  return absl::OkStatus();
}

// Packs and loose objects are read by ourselves: libgit2 1.5 trusts both more
// than it should. Null when that fails.
git_odb* OpenDatabase(git_repository* repository) {
  git_buf folder{};
  if (git_repository_item_path(&folder, repository,
                               GIT_REPOSITORY_ITEM_OBJECTS) != 0) {
    return nullptr;
  }
  std::string first(folder.ptr, folder.size);
  git_buf_dispose(&folder);
  while (absl::EndsWith(first, "/")) first.pop_back();
  git_odb* made = nullptr;
  if (git_odb_new(&made) != 0) return nullptr;
  std::unique_ptr<git_odb, OdbDeleter> database(made);
  int priority = 2 * static_cast<int>(kMaxAlternates);
  for (const std::string& objects : ObjectFolders(first)) {
    for (auto reader : {NewPackObjects, NewLooseObjects}) {
      if (git_odb_add_backend(made,
                              NewOdbBackend(reader(objects, kMaxObjectBytes)),
                              priority--) != 0) {
        return nullptr;
      }
    }
  }
  return database.release();
}

}  // namespace

struct GitRepository::Object {
  absl::string_view bytes() const {
    return {static_cast<const char*>(git_odb_object_data(object.get())),
            git_odb_object_size(object.get())};
  }

  struct Deleter {
    void operator()(git_odb_object* read) const { git_odb_object_free(read); }
  };
  std::unique_ptr<git_odb_object, Deleter> object;
};

GitRepository::GitRepository(git_repository* repository, git_odb* database)
    : repository_(repository), database_(database) {}

GitRepository::~GitRepository() = default;

void GitRepository::RepositoryDeleter::operator()(
    git_repository* repository) const {
  git_repository_free(repository);
}

void GitRepository::ReferenceDeleter::operator()(
    git_reference* reference) const {
  git_reference_free(reference);
}

void GitRepository::DatabaseDeleter::operator()(git_odb* database) const {
  git_odb_free(database);
}

absl::StatusOr<std::unique_ptr<GitRepository>> GitRepository::Open(
    const std::string& path) {
  [[maybe_unused]] static const bool initialised = InitialiseLibrary();
  ORRERY_RETURN_IF_ERROR(CheckNoPipes(path));
  git_repository* repository = nullptr;
  const int opened = git_repository_open_ext(
      &repository, path.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
  if (opened == GIT_ENOTFOUND) {
    return absl::NotFoundError(
        absl::StrCat("there is no git repository at ", path));
  }
  if (opened != 0) {
    const std::string reason = LastGitError();
    const bool is_other_format = absl::StrContains(reason, "objectformat");
    absl::Status fault = absl::FailedPreconditionError(absl::StrCat(
        "the git repository at ", path, " cannot be read: ",
        is_other_format
            ? "it has the sha256 object format, and only sha1 is supported"
            : reason));
    return is_other_format ? ObjectRefused(std::move(fault)) : fault;
  }
  git_odb* database = OpenDatabase(repository);
  if (database == nullptr) {
    const std::string reason = LastGitError();
    git_repository_free(repository);
    return absl::FailedPreconditionError(
        absl::StrCat("the objects at ", path, " cannot be read: ", reason));
  }
  return std::unique_ptr<GitRepository>(
      new GitRepository(repository, database));
}

absl::StatusOr<std::vector<std::string>> GitRepository::RefNames() const {
  git_strarray names{};
  if (git_reference_list(&names, repository_.get()) != 0) {
    return absl::DataLossError(
        absl::StrCat("the refs cannot be listed: ", LastGitError()));
  }
  std::vector<std::string> result(names.strings, names.strings + names.count);
  git_strarray_dispose(&names);
  std::sort(result.begin(), result.end());
  return result;
}

absl::StatusOr<GitRepository::Reference> GitRepository::LookUp(
    const std::string& ref) const {
  for (const char* folder : {git_repository_path(repository_.get()),
                             git_repository_commondir(repository_.get())}) {
    ORRERY_RETURN_IF_ERROR(CheckNoPipe(absl::StrCat(folder, ref)));
  }
  git_reference* found = nullptr;
  const int looked_up =
      git_reference_lookup(&found, repository_.get(), ref.c_str());
  if (looked_up == GIT_ENOTFOUND || looked_up == GIT_EINVALIDSPEC) {
    return absl::NotFoundError(absl::StrCat("there is no ref ", ref));
  }
  if (looked_up != 0) {
    return absl::DataLossError(
        absl::StrCat("ref ", ref, " cannot be read: ", LastGitError()));
  }
  return Reference(found);
}

absl::StatusOr<std::string> GitRepository::HeadRef() const {
  const absl::StatusOr<Reference> head = LookUp("HEAD");
  if (!head.ok()) return absl::NotFoundError("the repository has no HEAD");
  if (git_reference_type(head->get()) != GIT_REFERENCE_SYMBOLIC) {
    return absl::NotFoundError("HEAD is detached and names no branch");
  }
  return std::string(git_reference_symbolic_target(head->get()));
}

absl::StatusOr<ObjectId> GitRepository::ResolveRef(
    const std::string& ref) const {
  ORRERY_ASSIGN_OR_RETURN(Reference reference, LookUp(ref));
  for (int i = 0; git_reference_type(reference.get()) == GIT_REFERENCE_SYMBOLIC;
       ++i) {
    absl::StatusOr<Reference> next =
        i < kMaxRefs ? LookUp(git_reference_symbolic_target(reference.get()))
                     : absl::DataLossError("it names a ref of refs of refs");
    if (!next.ok()) {
      return absl::DataLossError(absl::StrCat(
          "ref ", ref, " leads nowhere: ", next.status().message()));
    }
    reference = *std::move(next);
  }
  const absl::StatusOr<ObjectId> commit =
      PeelTags(FromOid(*git_reference_target(reference.get())));
  if (!commit.ok()) {
    return absl::DataLossError(absl::StrCat(
        "ref ", ref, " leads to no commit: ", commit.status().message()));
  }
  return *commit;
}

absl::StatusOr<ObjectId> GitRepository::PeelTags(const ObjectId& id) const {
  ObjectId target = id;
  for (int i = 0; i < kMaxTags; ++i) {
    const git_oid oid = ToOid(target);
    size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    if (const int error =
            git_odb_read_header(&size, &type, database_.get(), &oid);
        error != 0) {
      return ObjectFault(target, "object", error);
    }
    if (type != GIT_OBJECT_TAG) {
      ORRERY_RETURN_IF_ERROR(ObjectSize(target, GIT_OBJECT_COMMIT).status());
      return target;
    }
    ORRERY_ASSIGN_OR_RETURN(const Object tag,
                            Read(target, GIT_OBJECT_TAG, kMaxCommitBytes));
    ORRERY_ASSIGN_OR_RETURN(target, ParseTag(tag.bytes()));
  }
  return absl::DataLossError("it names a tag of tags of tags");
}

absl::StatusOr<CommitFacts> GitRepository::ReadCommit(
    const ObjectId& id) const {
  ORRERY_ASSIGN_OR_RETURN(const Object commit,
                          Read(id, GIT_OBJECT_COMMIT, kMaxCommitBytes));
  return Parsed(id, "commit", ParseCommit(commit.bytes()));
}

absl::StatusOr<uint64_t> GitRepository::ObjectSize(const ObjectId& id,
                                                   int type) const {
  const git_oid oid = ToOid(id);
  size_t size = 0;
  git_object_t found = GIT_OBJECT_INVALID;
  if (const int error =
          git_odb_read_header(&size, &found, database_.get(), &oid);
      error != 0) {
    return ObjectFault(id, "object", error);
  }
  if (found != type) {
    return absl::DataLossError(absl::StrCat(
        "object ", id.Hex(), " is a ", git_object_type2string(found),
        ", not a ", git_object_type2string(static_cast<git_object_t>(type))));
  }
  return size;
}

absl::StatusOr<GitRepository::Object> GitRepository::Read(
    const ObjectId& id, int type, uint64_t max_bytes) const {
  const char* kind = git_object_type2string(static_cast<git_object_t>(type));
  ORRERY_ASSIGN_OR_RETURN(const uint64_t size, ObjectSize(id, type));
  if (size > max_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        kind, " ", id.Hex(), " has ", size, " bytes, more than ", max_bytes));
  }
  const git_oid oid = ToOid(id);
  git_odb_object* read = nullptr;
  if (const int error = git_odb_read(&read, database_.get(), &oid);
      error != 0) {
    return ObjectFault(id, kind, error);
  }
  Object object;
  object.object.reset(read);
  return object;
}

absl::StatusOr<std::vector<TreeEntry>> GitRepository::ReadTree(
    const ObjectId& id, uint64_t max_bytes) const {
  ORRERY_ASSIGN_OR_RETURN(const Object tree,
                          Read(id, GIT_OBJECT_TREE, max_bytes));
  return Parsed(id, "tree", ParseTree(tree.bytes()));
}

absl::StatusOr<std::optional<TreeEntry>> GitRepository::FindInTree(
    const ObjectId& id, absl::string_view name, uint64_t max_bytes) const {
  ORRERY_ASSIGN_OR_RETURN(const Object tree,
                          Read(id, GIT_OBJECT_TREE, max_bytes));
  return Parsed(id, "tree", FindTreeEntry(tree.bytes(), name));
}

absl::StatusOr<uint64_t> GitRepository::BlobSize(const ObjectId& id) const {
  return ObjectSize(id, GIT_OBJECT_BLOB);
}

absl::StatusOr<std::string> GitRepository::ReadBlob(const ObjectId& id) const {
  const git_oid oid = ToOid(id);
  git_odb_object* read = nullptr;
  if (const int error = git_odb_read(&read, database_.get(), &oid);
      error != 0) {
    return ObjectFault(id, "blob", error);
  }
  Object blob;
  blob.object.reset(read);
  if (git_odb_object_type(read) != GIT_OBJECT_BLOB) {
    return absl::DataLossError(
        absl::StrCat("object ", id.Hex(), " is no blob"));
  }
  return std::string(blob.bytes());
}

}  // namespace orrery::registry
