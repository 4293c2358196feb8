#include "registry/git_repository.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "git2.h"

#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

std::string LastError() {
  const git_error* error = git_error_last();
  return error == nullptr ? "no reason given" : error->message;
}

absl::Status ObjectFault(const ObjectId& id, absl::string_view kind) {
  return absl::DataLossError(
      absl::StrCat(kind, " ", id.Hex(), " cannot be read: ", LastError()));
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
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  // Git checked each object when it came in, and what is read gets a SHA-256 of
  // its own; hashing it by SHA-1 once more takes half of the reading.
  git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
  for (const int level : {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
                          GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL}) {
    git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
  }
  return true;
}

}  // namespace

absl::StatusOr<ObjectId> ObjectId::ParseHex(absl::string_view hex) {
  ObjectId id;
  if (hex.size() != 2 * id.bytes.size() ||
      !std::all_of(hex.begin(), hex.end(),
                   [](char c) { return absl::ascii_isxdigit(c); })) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", hex, "\" is no object name of 40 hex digits"));
  }
  const std::string bytes = absl::HexStringToBytes(hex);
  std::memcpy(id.bytes.data(), bytes.data(), bytes.size());
  return id;
}

std::string ObjectId::Hex() const {
  return absl::BytesToHexString(absl::string_view(
      reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

GitRepository::GitRepository(git_repository* repository, git_odb* database)
    : repository_(repository), database_(database) {}

GitRepository::~GitRepository() = default;

void GitRepository::RepositoryDeleter::operator()(
    git_repository* repository) const {
  git_repository_free(repository);
}

void GitRepository::DatabaseDeleter::operator()(git_odb* database) const {
  git_odb_free(database);
}

absl::StatusOr<std::unique_ptr<GitRepository>> GitRepository::Open(
    const std::string& path) {
  [[maybe_unused]] static const bool initialised = InitialiseLibrary();
  git_repository* repository = nullptr;
  const int opened = git_repository_open_ext(
      &repository, path.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
  if (opened == GIT_ENOTFOUND) {
    return absl::NotFoundError(
        absl::StrCat("there is no git repository at ", path));
  }
  if (opened != 0) {
    const std::string reason = LastError();
    return absl::FailedPreconditionError(
        absl::StrCat("the git repository at ", path, " cannot be read: ",
                     absl::StrContains(reason, "objectformat")
                         ? "it has the sha256 object format, and only sha1 is "
                           "supported"
                         : reason));
  }
  git_odb* database = nullptr;
  if (git_repository_odb(&database, repository) != 0) {
    const std::string reason = LastError();
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
        absl::StrCat("the refs cannot be listed: ", LastError()));
  }
  std::vector<std::string> result(names.strings, names.strings + names.count);
  git_strarray_dispose(&names);
  std::sort(result.begin(), result.end());
  return result;
}

absl::StatusOr<std::string> GitRepository::HeadRef() const {
  git_reference* head = nullptr;
  if (git_reference_lookup(&head, repository_.get(), "HEAD") != 0) {
    return absl::NotFoundError("the repository has no HEAD");
  }
  const std::unique_ptr<git_reference, decltype(&git_reference_free)> owned(
      head, &git_reference_free);
  if (git_reference_type(head) != GIT_REFERENCE_SYMBOLIC) {
    return absl::NotFoundError("HEAD is detached and names no branch");
  }
  return std::string(git_reference_symbolic_target(head));
}

absl::StatusOr<ObjectId> GitRepository::ResolveRef(
    const std::string& ref) const {
  git_reference* reference = nullptr;
  const int looked_up =
      git_reference_lookup(&reference, repository_.get(), ref.c_str());
  if (looked_up == GIT_ENOTFOUND || looked_up == GIT_EINVALIDSPEC) {
    return absl::NotFoundError(absl::StrCat("there is no ref ", ref));
  }
  if (looked_up != 0) {
    return absl::DataLossError(
        absl::StrCat("ref ", ref, " cannot be read: ", LastError()));
  }
  const std::unique_ptr<git_reference, decltype(&git_reference_free)> owned(
      reference, &git_reference_free);
  git_object* object = nullptr;
  if (git_reference_peel(&object, reference, GIT_OBJECT_COMMIT) != 0) {
    return absl::DataLossError(
        absl::StrCat("ref ", ref, " leads to no commit: ", LastError()));
  }
  const ObjectId id = FromOid(*git_object_id(object));
  git_object_free(object);
  return id;
}

absl::StatusOr<CommitFacts> GitRepository::ReadCommit(
    const ObjectId& id) const {
  const git_oid oid = ToOid(id);
  git_commit* commit = nullptr;
  if (git_commit_lookup(&commit, repository_.get(), &oid) != 0) {
    return ObjectFault(id, "commit");
  }
  CommitFacts facts;
  facts.tree = FromOid(*git_commit_tree_id(commit));
  if (git_commit_parentcount(commit) > 0) {
    facts.first_parent = FromOid(*git_commit_parent_id(commit, 0));
  }
  facts.time = absl::FromUnixSeconds(git_commit_time(commit));
  git_commit_free(commit);
  return facts;
}

absl::StatusOr<uint64_t> GitRepository::ObjectSize(const ObjectId& id,
                                                   int type) const {
  const git_oid oid = ToOid(id);
  size_t size = 0;
  git_object_t found = GIT_OBJECT_INVALID;
  if (git_odb_read_header(&size, &found, database_.get(), &oid) != 0) {
    return ObjectFault(id, "object");
  }
  if (found != type) {
    return absl::DataLossError(absl::StrCat(
        "object ", id.Hex(), " is a ", git_object_type2string(found),
        ", not a ", git_object_type2string(static_cast<git_object_t>(type))));
  }
  return size;
}

absl::StatusOr<std::vector<TreeEntry>> GitRepository::ReadTree(
    const ObjectId& id, uint64_t max_bytes) const {
  ORRERY_ASSIGN_OR_RETURN(const uint64_t size, ObjectSize(id, GIT_OBJECT_TREE));
  if (size > max_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "tree ", id.Hex(), " has ", size, " bytes, more than ", max_bytes));
  }
  const git_oid oid = ToOid(id);
  git_tree* tree = nullptr;
  if (git_tree_lookup(&tree, repository_.get(), &oid) != 0) {
    return ObjectFault(id, "tree");
  }
  std::vector<TreeEntry> entries;
  entries.reserve(git_tree_entrycount(tree));
  for (size_t i = 0; i < git_tree_entrycount(tree); ++i) {
    const git_tree_entry* entry = git_tree_entry_byindex(tree, i);
    entries.push_back(
        {git_tree_entry_name(entry),
         static_cast<uint32_t>(git_tree_entry_filemode_raw(entry)),
         FromOid(*git_tree_entry_id(entry))});
  }
  git_tree_free(tree);
  return entries;
}

absl::StatusOr<uint64_t> GitRepository::BlobSize(const ObjectId& id) const {
  return ObjectSize(id, GIT_OBJECT_BLOB);
}

absl::StatusOr<std::string> GitRepository::ReadBlob(const ObjectId& id) const {
  const git_oid oid = ToOid(id);
  git_odb_object* object = nullptr;
  if (git_odb_read(&object, database_.get(), &oid) != 0) {
    return ObjectFault(id, "blob");
  }
  std::string bytes(static_cast<const char*>(git_odb_object_data(object)),
                    git_odb_object_size(object));
  git_odb_object_free(object);
  return bytes;
}

}  // namespace orrery::registry
