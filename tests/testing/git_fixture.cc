#include "tests/testing/git_fixture.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "git2.h"

namespace orrery::tests {
namespace {

void Require(int result, const char* what) {
  if (result == 0) return;
  const git_error* error = git_error_last();
  std::fprintf(stderr, "%s: %s\n", what,
               error == nullptr ? "?" : error->message);
  std::abort();
}

git_oid Oid(const std::string& id) {
  git_oid oid;
  Require(git_oid_fromstr(&oid, id.c_str()), id.c_str());
  return oid;
}

std::string Write(git_repository* repository, const std::string& bytes,
                  git_object_t type) {
  git_odb* database = nullptr;
  Require(git_repository_odb(&database, repository), "odb");
  git_oid oid;
  Require(git_odb_write(&oid, database, bytes.data(), bytes.size(), type),
          "write");
  git_odb_free(database);
  return git_oid_tostr_s(&oid);
}

// Git sorts directories as if their name ended in a slash.
std::string SortName(const GitFixture::Entry& entry) {
  return entry.mode == 040000 ? entry.name + "/" : entry.name;
}

}  // namespace

GitFixture::GitFixture(const std::string& path) : path_(path) {
  git_libgit2_init();
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0);
  std::filesystem::remove_all(path);
  git_repository* repository = nullptr;
  Require(git_repository_init(&repository, path.c_str(), /*is_bare=*/1),
          "init");
  repository_.reset(repository);
  SetHead("refs/heads/main");
}

GitFixture::~GitFixture() = default;

void GitFixture::Deleter::operator()(git_repository* repository) const {
  git_repository_free(repository);
}

std::string GitFixture::WriteBlob(const std::string& bytes) {
  return Write(repository_.get(), bytes, GIT_OBJECT_BLOB);
}

std::string GitFixture::WriteTree(const std::vector<Entry>& entries) {
  std::string bytes;
  for (const Entry& entry : entries) {
    absl::StrAppendFormat(&bytes, "%o %s", entry.mode, entry.name);
    bytes.push_back('\0');
    const git_oid oid = Oid(entry.id);
    bytes.append(reinterpret_cast<const char*>(oid.id), GIT_OID_RAWSZ);
  }
  return Write(repository_.get(), bytes, GIT_OBJECT_TREE);
}

std::string GitFixture::WriteRawTree(const std::string& bytes) {
  return Write(repository_.get(), bytes, GIT_OBJECT_TREE);
}

std::string GitFixture::WriteFiles(const Files& files) {
  std::vector<Entry> entries;
  std::map<std::string, Files> folders;
  for (const auto& [path, file] : files) {
    const size_t slash = path.find('/');
    if (slash != std::string::npos) {
      folders[path.substr(0, slash)][path.substr(slash + 1)] = file;
    } else if (file.mode == 0160000) {
      entries.push_back({file.mode, path, file.bytes});
    } else {
      entries.push_back({file.mode, path, WriteBlob(file.bytes)});
    }
  }
  for (const auto& [name, inside] : folders) {
    entries.push_back({040000, name, WriteFiles(inside)});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return SortName(a) < SortName(b);
  });
  return WriteTree(entries);
}

std::string GitFixture::WriteCommit(const std::string& tree,
                                    const std::vector<std::string>& parents) {
  std::string bytes = absl::StrCat("tree ", tree, "\n");
  for (const std::string& parent : parents) {
    absl::StrAppend(&bytes, "parent ", parent, "\n");
  }
  const std::string who =
      absl::StrCat("Test <test@example.org> ", ++time_, " +0000\n");
  absl::StrAppend(&bytes, "author ", who, "committer ", who, "\nchange\n");
  return Write(repository_.get(), bytes, GIT_OBJECT_COMMIT);
}

std::string GitFixture::WriteTag(const std::string& target,
                                 const std::string& type) {
  return Write(repository_.get(),
               absl::StrCat("object ", target, "\ntype ", type,
                            "\ntag t\ntagger T <t> 1 +0000\n\nt\n"),
               GIT_OBJECT_TAG);
}

std::string GitFixture::Commit(const std::string& branch, const Files& files) {
  return CommitTree(branch, WriteFiles(files));
}

std::string GitFixture::CommitTree(const std::string& branch,
                                   const std::string& tree) {
  const std::string ref = absl::StrCat("refs/heads/", branch);
  std::vector<std::string> parents;
  git_oid tip;
  if (git_reference_name_to_id(&tip, repository_.get(), ref.c_str()) == 0) {
    parents.emplace_back(git_oid_tostr_s(&tip));
  }
  std::string commit = WriteCommit(tree, parents);
  SetRef(ref, commit);
  return commit;
}

void GitFixture::SetRef(const std::string& ref, const std::string& id) {
  const git_oid oid = Oid(id);
  git_reference* reference = nullptr;
  Require(git_reference_create(&reference, repository_.get(), ref.c_str(), &oid,
                               /*force=*/1, nullptr),
          ref.c_str());
  git_reference_free(reference);
}

void GitFixture::DeleteRef(const std::string& ref) {
  Require(git_reference_remove(repository_.get(), ref.c_str()), ref.c_str());
}

void GitFixture::SetHead(const std::string& ref) {
  Require(git_repository_set_head(repository_.get(), ref.c_str()), "HEAD");
}

void GitFixture::LoseObject(const std::string& id) {
  std::filesystem::remove(
      absl::StrCat(path_, "/objects/", id.substr(0, 2), "/", id.substr(2)));
}

}  // namespace orrery::tests
