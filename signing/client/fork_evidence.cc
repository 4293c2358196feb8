#include "signing/client/fork_evidence.h"

#include "absl/strings/str_cat.h"

#include "signing/log/tlog_proof.h"

namespace orrery::signing {
namespace {

std::string DirectoryOf(absl::string_view first, absl::string_view second) {
  DigestBuilder both;
  both.Add(first);
  both.Add(second);
  return absl::StrCat("fork-", both.Finish().Hex().substr(0, 16));
}

std::string FormatReport(const ForkReport& report) {
  return absl::StrCat("orrery/fork/v1\nregistry ", report.registry, "\norigin ",
                      report.origin, "\nurl ", report.url, "\ntime ",
                      report.time, "\ncheck ", report.check, "\n");
}

}  // namespace

ForkEvidence CheckpointFork(absl::string_view old_note,
                            absl::string_view new_note,
                            std::span<const Digest> proof,
                            const ForkReport& report) {
  ForkEvidence evidence{DirectoryOf(old_note, new_note),
                        {{"old.note", std::string(old_note)},
                         {"new.note", std::string(new_note)}}};
  if (!proof.empty()) {
    evidence.files.push_back({"proof", FormatHashLines(proof)});
  }
  evidence.files.push_back({"report", FormatReport(report)});
  return evidence;
}

ForkEvidence RecordFork(absl::string_view first_leaf,
                        absl::string_view second_leaf, absl::string_view note,
                        const ForkReport& report) {
  return {DirectoryOf(first_leaf, second_leaf),
          {{"a.leaf", std::string(first_leaf)},
           {"b.leaf", std::string(second_leaf)},
           {"new.note", std::string(note)},
           {"report", FormatReport(report)}}};
}

}  // namespace orrery::signing
