#include "signing/policy/tlog_policy.h"

#include <algorithm>
#include <functional>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "signing/encoding.h"
#include "signing/policy/config_reader.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

using Fields = std::vector<absl::string_view>;

constexpr size_t kMaxOfOneSort = 64;

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

absl::Status TooMany(absl::string_view what) {
  return Wrong(absl::StrCat("there are more than ", kMaxOfOneSort, " ", what));
}

}  // namespace

// Takes the lines one by one into a policy.
class TlogPolicyParser {
 public:
  absl::Status Take(const Fields& fields);
  absl::StatusOr<TlogPolicy> Finish();

 private:
  absl::Status TakeLog(const Fields& fields);
  absl::Status TakeWitness(const Fields& fields);
  absl::Status TakeGroup(const Fields& fields);
  absl::Status TakeQuorum(const Fields& fields);
  absl::Status Define(absl::string_view name, TlogPolicy::Node node);
  absl::StatusOr<size_t> Find(absl::string_view name) const;
  // A key that no line had before, of whatever name and type.
  absl::StatusOr<Vkey> TakeKey(absl::string_view text);

  TlogPolicy policy_;
  std::map<std::string, size_t, std::less<>> names_;
  std::set<std::string> keys_;
  std::set<size_t> members_;
  size_t groups_ = 0;
  bool has_quorum_line_ = false;
};

absl::StatusOr<Vkey> TlogPolicyParser::TakeKey(absl::string_view text) {
  ORRERY_ASSIGN_OR_RETURN(Vkey key, Vkey::Parse(text));
  if (!keys_.insert(key.material().substr(1)).second) {
    return Wrong(absl::StrCat("the public key of ", Quoted(text),
                              " stands on a line before"));
  }
  return key;
}

absl::Status TlogPolicyParser::TakeLog(const Fields& fields) {
  if (fields.size() < 2 || fields.size() > 3) {
    return Wrong("a log line is 'log VKEY' and the URL if there is one");
  }
  ORRERY_ASSIGN_OR_RETURN(Vkey key, TakeKey(fields[1]));
  if (key.type() != Vkey::kEd25519) {
    return Wrong("the key of a log must have type 0x01");
  }
  if (!policy_.log_keys_.empty() && policy_.log_keys_[0].name() != key.name()) {
    return Wrong(absl::StrCat("the keys of the log have two names, ",
                              policy_.log_keys_[0].name(), " and ",
                              key.name()));
  }
  if (policy_.log_keys_.size() == kMaxOfOneSort)
    return TooMany("keys of the log");
  policy_.log_keys_.push_back(std::move(key));
  return absl::OkStatus();
}

absl::Status TlogPolicyParser::Define(absl::string_view name,
                                      TlogPolicy::Node node) {
  if (name == "none" || names_.find(name) != names_.end()) {
    return Wrong(absl::StrCat(Quoted(name), " is defined already"));
  }
  names_.emplace(std::string(name), policy_.nodes_.size());
  policy_.nodes_.push_back(std::move(node));
  return absl::OkStatus();
}

absl::StatusOr<size_t> TlogPolicyParser::Find(absl::string_view name) const {
  const auto found = names_.find(name);
  if (found != names_.end()) return found->second;
  return Wrong(absl::StrCat("no line before defines ", Quoted(name)));
}

absl::Status TlogPolicyParser::TakeWitness(const Fields& fields) {
  if (fields.size() < 3 || fields.size() > 4) {
    return Wrong(
        "a witness line is 'witness NAME VKEY' and the URL if there "
        "is one");
  }
  ORRERY_ASSIGN_OR_RETURN(Vkey key, TakeKey(fields[2]));
  const size_t place = policy_.witness_keys_.size();
  if (place == kMaxOfOneSort) return TooMany("witnesses");
  ORRERY_RETURN_IF_ERROR(Define(fields[1], {place, 0, {}}));
  if (fields[1] == kTimestamperName) policy_.timestamper_ = place;
  policy_.witness_keys_.push_back(std::move(key));
  return absl::OkStatus();
}

absl::Status TlogPolicyParser::TakeGroup(const Fields& fields) {
  if (fields.size() < 4) {
    return Wrong("a group line is 'group NAME all|any|K MEMBER…'");
  }
  if (fields[1] == kTimestamperName) {
    return Wrong("'timestamper' is the name of a witness");
  }
  if (groups_++ == kMaxOfOneSort) return TooMany("groups");
  TlogPolicy::Node group;
  for (size_t i = 3; i < fields.size(); ++i) {
    ORRERY_ASSIGN_OR_RETURN(const size_t member, Find(fields[i]));
    if (!members_.insert(member).second) {
      return Wrong(
          absl::StrCat(Quoted(fields[i]), " is the member of a group already"));
    }
    group.members.push_back(member);
  }
  if (fields[2] == "all") {
    group.threshold = group.members.size();
  } else if (fields[2] == "any") {
    group.threshold = 1;
  } else {
    ORRERY_ASSIGN_OR_RETURN(group.threshold,
                            ParseDecimal(fields[2], group.members.size()));
    if (group.threshold == 0) return Wrong("the K of a group is at least 1");
  }
  return Define(fields[1], std::move(group));
}

absl::Status TlogPolicyParser::TakeQuorum(const Fields& fields) {
  if (fields.size() != 2) return Wrong("a quorum line is 'quorum NAME'");
  if (has_quorum_line_) return Wrong("there are two quorum lines");
  has_quorum_line_ = true;
  if (fields[1] == "none") return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(policy_.quorum_, Find(fields[1]));
  return absl::OkStatus();
}

absl::Status TlogPolicyParser::Take(const Fields& fields) {
  if (fields[0] == "log") return TakeLog(fields);
  if (fields[0] == "witness") return TakeWitness(fields);
  if (fields[0] == "group") return TakeGroup(fields);
  if (fields[0] == "quorum") return TakeQuorum(fields);
  return Wrong(absl::StrCat(Quoted(fields[0]),
                            " is none of: log, witness, group, quorum"));
}

absl::StatusOr<TlogPolicy> TlogPolicyParser::Finish() {
  if (!has_quorum_line_) return Wrong("there is no quorum line");
  return std::move(policy_);
}

absl::StatusOr<TlogPolicy> TlogPolicy::Parse(absl::string_view text) {
  ConfigReader reader(text);
  TlogPolicyParser parser;
  const auto parse = [&]() -> absl::StatusOr<TlogPolicy> {
    while (true) {
      ORRERY_ASSIGN_OR_RETURN(const Fields fields, reader.Next());
      if (fields.empty()) return parser.Finish();
      ORRERY_RETURN_IF_ERROR(parser.Take(fields));
    }
  };
  auto policy = parse();
  if (policy.ok()) return policy;
  return At({.line = reader.line()},
            RefuseAs(RefusalCode::kTrustSyntax, policy.status()));
}

std::optional<uint64_t> TlogPolicy::TimeOf(
    size_t node, std::span<const std::optional<uint64_t>> times) const {
  const Node& asked = nodes_[node];
  if (asked.witness.has_value()) return times[*asked.witness];
  std::vector<uint64_t> known;
  for (const size_t member : asked.members) {
    const std::optional<uint64_t> time = TimeOf(member, times);
    if (time.has_value()) known.push_back(*time);
  }
  if (known.size() < asked.threshold) return std::nullopt;
  std::sort(known.begin(), known.end(), std::greater<>());
  return known[asked.threshold - 1];
}

std::optional<uint64_t> TlogPolicy::QuorumTime(
    std::span<const std::optional<uint64_t>> times) const {
  return TimeOf(*quorum_, times);
}

bool TlogPolicy::NeedsOutsideWitness() const {
  if (!has_quorum()) return false;
  std::vector<std::optional<uint64_t>> times(witness_keys_.size());
  if (timestamper_.has_value()) times[*timestamper_] = 1;
  return !QuorumTime(times).has_value();
}

}  // namespace orrery::signing
