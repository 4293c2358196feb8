// What a registry would say of the statements in a checkout (spec: trust.md
// §15.4), as far as the checkout alone can tell.

#ifndef CLI_PLUGIN_PACKAGE_CHAIN_REVIEW_H_
#define CLI_PLUGIN_PACKAGE_CHAIN_REVIEW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli-plugin/package/package_chain.h"

#include "signing/record/signer_count.h"

namespace orrery::cli {

struct ReviewedStatement {
  int64_t seq = 0;
  // Below the followed directory.
  std::string file;
  std::string kind;
  // As SubjectText.
  std::string subject;
  // OK when it is whole; else a refusal, whose place names the file.
  absl::Status status;
  // Only a signature, or an earlier statement, is missing.
  bool is_pending = false;
  // By the keyset before it, and, of a keyset, by itself.
  std::vector<signing::KeysetCount> counts;
};

struct ReviewedChain {
  std::string package;
  std::vector<ReviewedStatement> statements;
  // Why there are no more; OK when that is all.
  absl::Status fault;
  // Release directories that no statement records as they are now, in words.
  std::vector<std::string> unrecorded;
};

// `directory` is the followed directory. Errors as ReadChain.
absl::StatusOr<ReviewedChain> ReviewChain(const std::string& directory,
                                          const std::string& package);

// That the release directory is what the statement records, if it is there, and
// the statement the last that records the release. Refusals: content.digest,
// and content.identity for what no registry takes.
absl::Status CheckRecorded(const std::string& directory,
                           const PackageChain& chain,
                           const ChainStatement& statement);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_PACKAGE_CHAIN_REVIEW_H_
