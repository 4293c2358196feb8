#include "signing/policy/client_policy_parser.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "signing/encoding.h"
#include "signing/field.h"
#include "signing/policy/config_reader.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {

namespace {

using Fields = std::vector<absl::string_view>;

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

absl::Status Twice(absl::string_view what) {
  return Wrong(absl::StrCat(what, " is set twice"));
}

// The place of `text` among `words`.
absl::StatusOr<size_t> ReadWord(
    absl::string_view text, std::initializer_list<absl::string_view> words) {
  const auto* const found = std::find(words.begin(), words.end(), text);
  if (found != words.end()) return static_cast<size_t>(found - words.begin());
  return Wrong(
      absl::StrCat(Quoted(text), " is none of: ", absl::StrJoin(words, ", ")));
}

absl::Status CheckMirror(absl::string_view text) {
  if (!absl::StrContains(text, "://") || absl::StartsWith(text, "file:///")) {
    return absl::OkStatus();
  }
  return CheckAssetUrl(text);
}

absl::Status NotSupported(absl::string_view what) {
  return Wrong(absl::StrCat("this version does not support '", what,
                            "': verify with one that does"));
}

}  // namespace

// Takes the lines one by one.
class ClientPolicyParser {
 public:
  absl::Status Take(const Fields& fields, int64_t line);
  // What only all lines together can show.
  absl::StatusOr<ClientPolicy> Finish();

 private:
  struct Directive {
    absl::string_view word;
    absl::Status (ClientPolicyParser::*take)(const Fields&);
    bool is_of_registry;
  };
  static const Directive kDirectives[];

  absl::Status TakeRegistry(const Fields& fields);
  absl::Status TakeTlogPolicy(const Fields& fields);
  absl::Status TakeNamesFile(const Fields& fields);
  absl::Status TakeMirror(const Fields& fields);
  absl::Status TakeMaxAge(const Fields& fields);
  absl::Status TakeOfflineGrace(const Fields& fields);
  absl::Status TakeWitnesses(const Fields& fields);
  absl::Status TakeUses(const Fields& fields);
  absl::Status TakeNames(const Fields& fields);
  absl::Status TakeRequire(const Fields& fields);
  absl::Status TakeDeny(const Fields& fields);
  absl::Status TakeLater(const Fields& fields) {
    return NotSupported(fields[0]);
  }

  // Of a registry: a line that may stand there once.
  absl::Status Once(const Fields& fields);
  absl::Status CheckRegistryIsWhole() const;
  RegistryPolicy& registry() { return policy_.registries_.back(); }

  ClientPolicy policy_;
  int64_t line_ = 0;
  bool has_first_line_ = false;
  bool is_in_registry_ = false;
  std::set<std::string> seen_in_registry_;
  // Registries that lines name, with the line.
  std::vector<std::pair<std::string, int64_t>> named_;
};

const ClientPolicyParser::Directive ClientPolicyParser::kDirectives[] = {
    {"registry", &ClientPolicyParser::TakeRegistry, false},
    {"tlog-policy", &ClientPolicyParser::TakeTlogPolicy, true},
    {"names-file", &ClientPolicyParser::TakeNamesFile, true},
    {"mirror", &ClientPolicyParser::TakeMirror, true},
    {"max-age", &ClientPolicyParser::TakeMaxAge, true},
    {"offline-grace", &ClientPolicyParser::TakeOfflineGrace, true},
    {"witnesses", &ClientPolicyParser::TakeWitnesses, true},
    {"uses", &ClientPolicyParser::TakeUses, true},
    {"root", &ClientPolicyParser::TakeLater, true},
    {"names", &ClientPolicyParser::TakeNames, false},
    {"require", &ClientPolicyParser::TakeRequire, false},
    {"deny", &ClientPolicyParser::TakeDeny, false},
    {"approve", &ClientPolicyParser::TakeLater, false},
};

absl::Status ClientPolicyParser::Take(const Fields& fields, int64_t line) {
  line_ = line;
  if (!has_first_line_) {
    has_first_line_ = fields == Fields{"policy", "1"};
    if (has_first_line_) return absl::OkStatus();
    return Wrong("the first directive must be 'policy 1'");
  }
  const auto* const directive =
      std::find_if(std::begin(kDirectives), std::end(kDirectives),
                   [&](const Directive& d) { return d.word == fields[0]; });
  if (directive == std::end(kDirectives)) {
    return Wrong(absl::StrCat(Quoted(fields[0]), " is no directive"));
  }
  if (directive->is_of_registry && !is_in_registry_) {
    return Wrong(
        absl::StrCat("'", fields[0], "' belongs behind a 'registry' line"));
  }
  if (!directive->is_of_registry && is_in_registry_) {
    ORRERY_RETURN_IF_ERROR(CheckRegistryIsWhole());
    is_in_registry_ = false;
  }
  return (this->*directive->take)(fields);
}

absl::Status ClientPolicyParser::CheckRegistryIsWhole() const {
  const RegistryPolicy& registry = policy_.registries_.back();
  if (!registry.tlog_policy_file.empty() && !registry.names_file.empty()) {
    return absl::OkStatus();
  }
  return At(
      {.line = registry.line},
      Refuse(RefusalCode::kPolicySyntax,
             absl::StrCat("registry ", registry.id, " has no ",
                          registry.tlog_policy_file.empty() ? "tlog-policy"
                                                            : "names-file",
                          " line")));
}

absl::StatusOr<ClientPolicy> ClientPolicyParser::Finish() {
  if (!has_first_line_) {
    return Wrong(
        "the file says nothing: 'policy 1' must be its first "
        "directive");
  }
  if (is_in_registry_) ORRERY_RETURN_IF_ERROR(CheckRegistryIsWhole());
  for (const auto& [id, line] : named_) {
    if (policy_.FindRegistry(id) == nullptr) {
      return At({.line = line},
                Refuse(RefusalCode::kPolicySyntax,
                       absl::StrCat("there is no registry ", id)));
    }
  }
  return std::move(policy_);
}

absl::Status ClientPolicyParser::Once(const Fields& fields) {
  if (fields.size() != 2) {
    return Wrong(absl::StrCat("a '", fields[0], "' line has one field"));
  }
  if (seen_in_registry_.insert(std::string(fields[0])).second) {
    return absl::OkStatus();
  }
  return Twice(absl::StrCat("'", fields[0], "'"));
}

absl::Status ClientPolicyParser::TakeRegistry(const Fields& fields) {
  if (fields.size() != 3) return Wrong("a registry line is 'registry ID URL'");
  ORRERY_RETURN_IF_ERROR(CheckId(fields[1]));
  ORRERY_RETURN_IF_ERROR(CheckRegistryUrl(fields[2]));
  if (policy_.FindRegistry(fields[1]) != nullptr) {
    return Twice(absl::StrCat("registry ", fields[1]));
  }
  policy_.registries_.emplace_back();
  registry().id = std::string(fields[1]);
  registry().url = std::string(fields[2]);
  registry().line = line_;
  is_in_registry_ = true;
  seen_in_registry_.clear();
  return absl::OkStatus();
}

absl::Status ClientPolicyParser::TakeTlogPolicy(const Fields& fields) {
  ORRERY_RETURN_IF_ERROR(Once(fields));
  registry().tlog_policy_file = std::string(fields[1]);
  return absl::OkStatus();
}

absl::Status ClientPolicyParser::TakeNamesFile(const Fields& fields) {
  ORRERY_RETURN_IF_ERROR(Once(fields));
  registry().names_file = std::string(fields[1]);
  return absl::OkStatus();
}

absl::Status ClientPolicyParser::TakeMirror(const Fields& fields) {
  if (fields.size() != 2) return Wrong("a mirror line is 'mirror URL'");
  ORRERY_RETURN_IF_ERROR(CheckMirror(fields[1]));
  registry().mirrors.emplace_back(fields[1]);
  return absl::OkStatus();
}

absl::Status ClientPolicyParser::TakeMaxAge(const Fields& fields) {
  ORRERY_RETURN_IF_ERROR(Once(fields));
  ORRERY_ASSIGN_OR_RETURN(registry().max_age, ReadDuration(fields[1]));
  return absl::OkStatus();
}

absl::Status ClientPolicyParser::TakeOfflineGrace(const Fields& fields) {
  ORRERY_RETURN_IF_ERROR(Once(fields));
  ORRERY_ASSIGN_OR_RETURN(registry().offline_grace, ReadDuration(fields[1]));
  return absl::OkStatus();
}

absl::Status ClientPolicyParser::TakeWitnesses(const Fields& fields) {
  ORRERY_RETURN_IF_ERROR(Once(fields));
  ORRERY_ASSIGN_OR_RETURN(
      const size_t word,
      ReadWord(fields[1], {"required", "timestamper", "none"}));
  registry().witnesses = static_cast<WitnessDemand>(word);
  return absl::OkStatus();
}

absl::Status ClientPolicyParser::TakeUses(const Fields& fields) {
  if (fields.size() != 2) return Wrong("a uses line is 'uses REGISTRY'");
  ORRERY_RETURN_IF_ERROR(CheckId(fields[1]));
  std::vector<std::string>& uses = registry().uses;
  if (std::find(uses.begin(), uses.end(), fields[1]) != uses.end()) {
    return Twice(absl::StrCat("'uses ", fields[1], "'"));
  }
  uses.emplace_back(fields[1]);
  named_.emplace_back(std::string(fields[1]), line_);
  return absl::OkStatus();
}

absl::Status ClientPolicyParser::TakeNames(const Fields& fields) {
  if (fields.size() < 3) {
    return Wrong("a names line is 'names REGISTRY[/SOURCE] PATTERN…'");
  }
  const std::vector<std::string> target =
      absl::StrSplit(fields[1], absl::MaxSplits('/', 1));
  ORRERY_RETURN_IF_ERROR(CheckId(target[0]));
  if (target.size() == 2) ORRERY_RETURN_IF_ERROR(CheckId(target[1]));
  named_.emplace_back(target[0], line_);
  const Route route{target[0], target.size() == 2 ? target[1] : "", line_};
  for (size_t i = 2; i < fields.size(); ++i) {
    ORRERY_ASSIGN_OR_RETURN(NamePattern pattern, NamePattern::Parse(fields[i]));
    if (!policy_.routes_.Add(std::move(pattern), route, line_)) {
      return Twice(absl::StrCat("the route of ", fields[i]));
    }
  }
  return absl::OkStatus();
}

absl::Status ClientPolicyParser::TakeRequire(const Fields& fields) {
  if (fields.size() < 3) {
    return Wrong("a require line is 'require PATTERN OPTION…'");
  }
  ORRERY_ASSIGN_OR_RETURN(const NamePattern pattern,
                          NamePattern::Parse(fields[1]));
  for (size_t i = 2; i < fields.size(); i += 2) {
    if (fields[i] == "sk-pin" || fields[i] == "attestation") {
      return NotSupported(fields[i]);
    }
    if (i + 1 == fields.size()) {
      return Wrong(absl::StrCat("the option '", fields[i], "' has no value"));
    }
    ORRERY_RETURN_IF_ERROR(
        policy_.options_.Take(pattern, fields[i], fields[i + 1], line_));
  }
  return absl::OkStatus();
}

absl::Status ClientPolicyParser::TakeDeny(const Fields& fields) {
  if (fields.size() == 3 && fields[1] == "package") {
    ORRERY_ASSIGN_OR_RETURN(NamePattern pattern, NamePattern::Parse(fields[2]));
    policy_.denied_packages_.Add(std::move(pattern), true, line_);
    return absl::OkStatus();
  }
  if (fields.size() == 4 && fields[1] == "release") {
    ORRERY_RETURN_IF_ERROR(CheckPackageName(fields[2]));
    ORRERY_ASSIGN_OR_RETURN(const uint64_t release, ParseDecimal(fields[3]));
    policy_.denied_releases_.insert(
        {{std::string(fields[2]), static_cast<int64_t>(release)}, line_});
    return absl::OkStatus();
  }
  if (fields.size() == 3 && fields[1] == "key") {
    ORRERY_RETURN_IF_ERROR(CheckFingerprint(fields[2]));
    policy_.denied_keys_.insert(std::string(fields[2]));
    return absl::OkStatus();
  }
  return Wrong(
      "a deny line is 'deny package PATTERN', 'deny release PACKAGE N' or "
      "'deny key SHA256:…'");
}

absl::StatusOr<ClientPolicy> ParseClientPolicy(absl::string_view text) {
  ConfigReader reader(text);
  ClientPolicyParser parser;
  const auto parse = [&]() -> absl::StatusOr<ClientPolicy> {
    while (true) {
      ORRERY_ASSIGN_OR_RETURN(const Fields fields, reader.Next());
      if (fields.empty()) return parser.Finish();
      ORRERY_RETURN_IF_ERROR(parser.Take(fields, reader.line()));
    }
  };
  auto policy = parse();
  if (policy.ok()) return policy;
  return At({.line = reader.line()},
            RefuseAs(RefusalCode::kPolicySyntax, policy.status()));
}

}  // namespace orrery::signing
