#ifndef SIGNING_REPLAY_STATEMENT_JUDGE_H_
#define SIGNING_REPLAY_STATEMENT_JUDGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "signing/record/record.h"
#include "signing/replay/log_state.h"

namespace orrery::signing {

// A file that holds one armored signature, as ssh-keygen writes it.
struct SignatureFile {
  std::string name;
  std::string bytes;
};

// What a source's repository has as a package's next statement (spec: trust.md
// §15.1).
struct PublishedStatement {
  // Id of the source that is read; a git source of the log.
  std::string source;
  // As the files are named.
  std::string package;
  int64_t seq = 0;
  std::string statement;
  std::vector<SignatureFile> signatures;
};

struct JudgedStatement {
  // Ok: `leaf` may be logged. A refusal otherwise; its place names package,
  // and the signature file or the line that is wrong.
  absl::Status status;
  // Only signatures are missing.
  bool is_pending = false;
  // Of a statement that has its form.
  Record record;
  // Whose signatures count so far, sorted; each once.
  std::vector<std::string> principals;
  // Without signatures by keys that have no say in it.
  std::string leaf;
};

// Judges a maintainer record before it is logged (spec: trust.md §15.4, step 4
// a) by what the log has, but for what only the repository can say: whether the
// files of a release are there. Refusals: record.syntax, record.key.weak;
// git.source where the package has another home; git.unauthorised, with the
// `repo` line that would pass; git.gate; record.chain, record.origin,
// record.fork, record.revision, record.keyset; and those of CountSigners.
JudgedStatement JudgeStatement(const LogState& log,
                               const PublishedStatement& published);

}  // namespace orrery::signing

#endif  // SIGNING_REPLAY_STATEMENT_JUDGE_H_
