#ifndef SIGNING_CLIENT_EVIDENCE_BLOCK_H_
#define SIGNING_CLIENT_EVIDENCE_BLOCK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "signing/digest.h"
#include "signing/policy/require_options.h"
#include "signing/tree_hash.h"

namespace orrery::signing {

// What a plan was verified by (spec: trust.md §14.5); a plan embeds the text.
struct EvidenceBlock {
  struct Registry {
    std::string id = {};
    std::string origin = {};
    Digest note = {};
    uint64_t size = 0;
    uint64_t quorum_time = 0;
    Digest tlog_policy = {};
    Digest names = {};
    std::optional<int64_t> as_of = {};
    std::optional<int64_t> stale_by = {};
  };
  struct Use {
    std::string registry = {};
    std::string source = {};
    std::string package = {};
    int64_t release = 0;
    int64_t revision = 0;
    Evidence evidence = Evidence::kObserved;
    // Of the record that carries the evidence.
    int64_t leaf = 0;
    Digest statement = {};
    TreeHash tree = {};
    // Of the canonical text of the user's options and LF.
    Digest config = {};
  };
  struct Overlay {
    std::string registry = {};
    std::string source = {};
    std::string package = {};
    int64_t release = 0;
    int64_t revision = 0;
    int64_t leaf = 0;
    Digest statement = {};
    TreeHash tree = {};
  };
  struct Unpinned {
    std::string package = {};
    std::string text = {};
  };

  std::vector<Registry> registries;
  std::vector<Use> uses;
  std::vector<Overlay> overlays;
  std::vector<Unpinned> unpinned;
};

// Registries by id, all else by package; what is equal in that keeps its order.
std::string PrintEvidenceBlock(EvidenceBlock block);

}  // namespace orrery::signing

#endif  // SIGNING_CLIENT_EVIDENCE_BLOCK_H_
