#ifndef TESTS_TESTING_GIT_FIXTURE_H_
#define TESTS_TESTING_GIT_FIXTURE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct git_repository;

namespace orrery::tests {

// A bare git repository to read from, also one that no git program would make.
// Object names are 40 hex digits. A failure ends the test program.
class GitFixture {
 public:
  struct File {
    std::string bytes;
    uint32_t mode = 0100644;
  };
  // By path.
  using Files = std::map<std::string, File>;
  struct Entry {
    uint32_t mode = 0;
    std::string name;
    std::string id;
  };

  // Makes the repository at `path`, which must be empty or missing.
  explicit GitFixture(const std::string& path);
  ~GitFixture();

  const std::string& path() const { return path_; }

  std::string WriteBlob(const std::string& bytes);
  // The entries as they are given, sorted or not.
  std::string WriteTree(const std::vector<Entry>& entries);
  // Whatever `bytes` are, as a tree.
  std::string WriteRawTree(const std::string& bytes);
  // A tree with exactly `files`.
  std::string WriteFiles(const Files& files);
  // One second later than the commit before.
  std::string WriteCommit(const std::string& tree,
                          const std::vector<std::string>& parents);

  // An annotated tag of `target`, an object of that type.
  std::string WriteTag(const std::string& target, const std::string& type);

  // Moves the branch, for example "main", to a new commit of `files` on top of
  // it, and gives the commit.
  std::string Commit(const std::string& branch, const Files& files);
  std::string CommitTree(const std::string& branch, const std::string& tree);
  void SetRef(const std::string& ref, const std::string& id);
  void DeleteRef(const std::string& ref);
  void SetHead(const std::string& ref);
  // Deletes the object's own file.
  void LoseObject(const std::string& id);

 private:
  struct Deleter {
    void operator()(git_repository* repository) const;
  };

  std::string path_;
  std::unique_ptr<git_repository, Deleter> repository_;
  int64_t time_ = 1'400'000'000;
};

}  // namespace orrery::tests

#endif  // TESTS_TESTING_GIT_FIXTURE_H_
