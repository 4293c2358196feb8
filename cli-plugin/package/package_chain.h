// The statements of a package's maintainers in a checkout (spec: trust.md
// §15.1).

#ifndef CLI_PLUGIN_PACKAGE_PACKAGE_CHAIN_H_
#define CLI_PLUGIN_PACKAGE_PACKAGE_CHAIN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/record/record.h"
#include "signing/record/statement_draft.h"

namespace orrery::cli {

// A file, below the followed directory, with its bytes.
struct ChainFile {
  std::string path;
  std::string bytes;
};

struct ChainStatement {
  int64_t seq = 0;
  ChainFile file;
  signing::Digest digest;
  signing::Record record;
  // By name.
  std::vector<ChainFile> signatures;
};

struct PackageChain {
  std::string package;
  // Of seq 1, 2, 3 …, as far as they can be read.
  std::vector<ChainStatement> statements;
  // Why they end there, with the file; OK when there is no further one.
  absl::Status fault;

  // The last keyset; nullptr if there is none.
  const ChainStatement* keyset() const;
  signing::ChainEnd End() const;
};

// `directory` is the followed directory. kInvalidArgument for what is no
// package's name and for files that cannot be read.
absl::StatusOr<PackageChain> ReadChain(const std::string& directory,
                                       const std::string& package);

// The packages with a folder below `directory`/trust, by name.
absl::StatusOr<std::vector<std::string>> PackagesWithChain(
    const std::string& directory);

// Who may sign the statement of `seq`: the signers of the keyset before it,
// and, where it is a keyset, its own. A key may stand there twice.
std::vector<signing::Signer> SignersOf(const PackageChain& chain, int64_t seq);

// The files of a statement, in words, and that what follows it goes with it: to
// be removed to say it again.
std::string FilesFrom(const PackageChain& chain, int64_t seq);

// What helps when the files of a release are not those that `record` lists, in
// words.
std::string WaysOutOfChange(const PackageChain& chain,
                            const ChainStatement& record);

// What a statement says, for people: "release 57#2".
std::string SubjectText(const signing::Record& record);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_PACKAGE_PACKAGE_CHAIN_H_
