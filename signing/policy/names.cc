#include "signing/policy/names.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "signing/encoding.h"
#include "signing/field.h"
#include "signing/policy/config_reader.h"
#include "signing/record/record.h"
#include "signing/refusal.h"
#include "signing/ssh/ssh_key.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

using Fields = std::vector<absl::string_view>;

constexpr absl::string_view kFirstLine = "orrery/names/v1";
constexpr size_t kMaxAdmissionKeys = 4;

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

absl::Status Twice(absl::string_view subject) {
  return Wrong(absl::StrCat("a second line for ", subject));
}

bool IsTextByte(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
}

}  // namespace

// Takes the lines one by one.
class NamesParser {
 public:
  absl::Status Take(absl::string_view line);
  Names Finish() { return std::move(names_); }

 private:
  struct Directive {
    absl::string_view word;
    // With the word.
    size_t fields;
    absl::Status (NamesParser::*take)(const Fields&);
  };
  static const Directive kDirectives[];

  absl::Status TakeMinClient(const Fields& fields);
  absl::Status TakeAdmission(const Fields& fields);
  absl::Status TakeReserve(const Fields& fields);
  absl::Status TakeBind(const Fields& fields);
  absl::Status TakeReset(const Fields& fields);
  absl::Status TakeBlock(const Fields& fields);
  absl::Status TakeExcuse(const Fields& fields);
  absl::Status TakeLater(const Fields& fields);

  Names names_;
  std::set<std::string> admission_keys_;
  std::set<std::pair<std::string, int64_t>> resets_;
};

const NamesParser::Directive NamesParser::kDirectives[] = {
    {"min-client", 2, &NamesParser::TakeMinClient},
    {"admission", 3, &NamesParser::TakeAdmission},
    {"reserve", 2, &NamesParser::TakeReserve},
    {"bind", 3, &NamesParser::TakeBind},
    {"reset", 5, &NamesParser::TakeReset},
    {"block", 4, &NamesParser::TakeBlock},
    {"excuse", 3, &NamesParser::TakeExcuse},
    {"revoke-key", 4, &NamesParser::TakeLater},
    {"bind-scope", 3, &NamesParser::TakeLater},
};

absl::Status NamesParser::TakeMinClient(const Fields& fields) {
  if (!names_.min_client_.empty()) return Twice("min-client");
  ORRERY_RETURN_IF_ERROR(Names::ReadVersion(fields[1]).status());
  names_.min_client_ = std::string(fields[1]);
  return absl::OkStatus();
}

absl::Status NamesParser::TakeAdmission(const Fields& fields) {
  ORRERY_ASSIGN_OR_RETURN(const SshKey key,
                          SshKey::ParseText(fields[1], fields[2]));
  if (!admission_keys_.insert(key.blob()).second) {
    return Twice(absl::StrCat("the key ", key.Fingerprint()));
  }
  if (admission_keys_.size() <= kMaxAdmissionKeys) return absl::OkStatus();
  return Wrong(absl::StrCat("there are more than ", kMaxAdmissionKeys,
                            " admission keys"));
}

absl::Status NamesParser::TakeReserve(const Fields& fields) {
  ORRERY_ASSIGN_OR_RETURN(NamePattern pattern, NamePattern::Parse(fields[1]));
  if (names_.reserved_.Add(std::move(pattern), true, 0)) {
    return absl::OkStatus();
  }
  return Twice(absl::StrCat("the pattern ", fields[1]));
}

absl::Status NamesParser::TakeBind(const Fields& fields) {
  ORRERY_RETURN_IF_ERROR(CheckPackageName(fields[1]));
  ORRERY_ASSIGN_OR_RETURN(const Digest keyset, ParseDigestField(fields[2]));
  if (names_.bindings_.emplace(std::string(fields[1]), keyset).second) {
    return absl::OkStatus();
  }
  return Twice(absl::StrCat("the package ", fields[1]));
}

absl::Status NamesParser::TakeReset(const Fields& fields) {
  ORRERY_RETURN_IF_ERROR(CheckPackageName(fields[1]));
  if (fields[2] != "from-seq") {
    return Wrong("a reset line is 'reset PACKAGE from-seq N sha256:…'");
  }
  ORRERY_ASSIGN_OR_RETURN(const uint64_t seq, ParseDecimal(fields[3], kMaxSeq));
  if (seq == 0) return Wrong("the records of a chain count from 1");
  ORRERY_RETURN_IF_ERROR(ParseDigestField(fields[4]).status());
  if (resets_.insert({std::string(fields[1]), seq}).second) {
    return absl::OkStatus();
  }
  return Twice(absl::StrCat("record ", seq, " of ", fields[1]));
}

absl::Status NamesParser::TakeBlock(const Fields& fields) {
  ORRERY_RETURN_IF_ERROR(CheckPackageName(fields[1]));
  ORRERY_ASSIGN_OR_RETURN(const uint64_t release, ParseDecimal(fields[2]));
  ORRERY_ASSIGN_OR_RETURN(const TreeHash tree, TreeHash::Parse(fields[3]));
  if (names_.blocked_.insert({std::string(fields[1]), release, tree}).second) {
    return absl::OkStatus();
  }
  return Twice(absl::StrCat("the content ", fields[3]));
}

absl::Status NamesParser::TakeExcuse(const Fields& fields) {
  ORRERY_ASSIGN_OR_RETURN(const uint64_t leaf, ParseDecimal(fields[1]));
  ORRERY_ASSIGN_OR_RETURN(const Digest hash, ParseDigestField(fields[2]));
  if (names_.excused_.emplace(leaf, hash).second) return absl::OkStatus();
  return Twice(absl::StrCat("leaf ", leaf));
}

// They would narrow what is trusted: who cannot do so must not go on.
absl::Status NamesParser::TakeLater(const Fields& fields) {
  return Wrong(absl::StrCat("this version does not support '", fields[0],
                            "': verify with one that does"));
}

absl::Status NamesParser::Take(absl::string_view line) {
  if (line.empty() || line[0] == '#') return absl::OkStatus();
  const Fields fields = absl::StrSplit(line, ' ');
  for (const Directive& directive : kDirectives) {
    if (directive.word != fields[0]) continue;
    if (directive.fields != fields.size()) {
      return Wrong(absl::StrCat("a '", directive.word, "' line has ",
                                directive.fields - 1,
                                " fields with one space between any two"));
    }
    return (this->*directive.take)(fields);
  }
  return Wrong(absl::StrCat("'", absl::CHexEscape(fields[0].substr(0, 60)),
                            "' is no word of a names file"));
}

absl::StatusOr<Names> Names::Parse(absl::string_view text) {
  LineReader reader(text);
  NamesParser parser;
  const auto parse = [&]() -> absl::Status {
    if (text.size() > kMaxConfigBytes) {
      return Wrong(
          absl::StrCat("the file has more than ", kMaxConfigBytes, " bytes"));
    }
    while (!reader.AtEnd()) {
      ORRERY_ASSIGN_OR_RETURN(const absl::string_view line, reader.Next());
      if (!std::all_of(line.begin(), line.end(), IsTextByte)) {
        return Wrong("the line holds a control character");
      }
      if (reader.line() > 1) {
        ORRERY_RETURN_IF_ERROR(parser.Take(line));
      } else if (line != kFirstLine) {
        return Wrong(absl::StrCat("the first line must be '", kFirstLine, "'"));
      }
    }
    if (reader.line() > 0) return absl::OkStatus();
    return Wrong(absl::StrCat("the file is empty: the line '", kFirstLine,
                              "' is wanted"));
  };
  const absl::Status status = parse();
  if (status.ok()) return parser.Finish();
  // A weak key has no code of its own here.
  return At({.line = reader.line()},
            Refuse(RefusalCode::kTrustSyntax, status.message()));
}

absl::StatusOr<Names::Version> Names::ReadVersion(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  if (parts.size() != 3) {
    return Wrong(absl::StrCat("'", absl::CHexEscape(text.substr(0, 60)),
                              "' is no version: x.y.z is wanted"));
  }
  Version version;
  ORRERY_ASSIGN_OR_RETURN(std::get<0>(version), ParseDecimal(parts[0]));
  ORRERY_ASSIGN_OR_RETURN(std::get<1>(version), ParseDecimal(parts[1]));
  ORRERY_ASSIGN_OR_RETURN(std::get<2>(version), ParseDecimal(parts[2]));
  return version;
}

absl::Status Names::CheckClient(absl::string_view version) const {
  if (min_client_.empty()) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(const Version own, ReadVersion(version));
  ORRERY_ASSIGN_OR_RETURN(const Version min, ReadVersion(min_client_));
  if (own >= min) return absl::OkStatus();
  return Refuse(RefusalCode::kTrustClient,
                absl::StrCat("names wants a client of at least ", min_client_,
                             ", this one is ", version, ": upgrade it"));
}

absl::Status Names::CheckReserved(absl::string_view package) const {
  const auto* const reserved = reserved_.Find(package);
  if (reserved == nullptr || FindBinding(package) != nullptr) {
    return absl::OkStatus();
  }
  return Refuse(RefusalCode::kNameReserved,
                absl::StrCat("names reserves ", reserved->pattern.text(),
                             " and does not bind ", package));
}

absl::Status Names::CheckBlocked(absl::string_view package, int64_t release,
                                 const TreeHash& tree) const {
  if (blocked_.count({std::string(package), release, tree}) == 0) {
    return absl::OkStatus();
  }
  return Refuse(RefusalCode::kRecordRevoked,
                absl::StrCat("names blocks the content ", tree.Text()));
}

const Digest* Names::FindBinding(absl::string_view package) const {
  const auto found = bindings_.find(package);
  return found == bindings_.end() ? nullptr : &found->second;
}

bool Names::IsExcused(int64_t leaf, const Digest& leaf_hash) const {
  const auto found = excused_.find(leaf);
  return found != excused_.end() && found->second == leaf_hash;
}

}  // namespace orrery::signing
