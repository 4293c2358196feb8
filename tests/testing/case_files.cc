#include "tests/testing/case_files.h"

#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "registry/format/json_parse.h"
#include "third_party/absl/status_macros.h"

namespace orrery::tests {
namespace {

using registry::JsonValue;

absl::Status FileError(const std::string& path, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", why));
}

absl::StatusOr<std::string> Decompress(const std::string& path,
                                       const std::string& bytes) {
  const unsigned long long size =
      ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  constexpr unsigned long long kMost = 1ULL << 31;
  if (size > kMost) return FileError(path, "not a zstd frame of known size");
  std::string text(size, '\0');
  const size_t done =
      ZSTD_decompress(text.data(), text.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(done)) return FileError(path, ZSTD_getErrorName(done));
  return text;
}

// The compatibility class of a version: its first number that is not 0, and
// what stands before it.
std::string CaretSlot(absl::string_view version) {
  version = version.substr(0, version.find_first_of("-+"));
  size_t end = 0;
  for (int part = 0; part < 3; ++part) {
    const size_t begin = end;
    end = std::min(version.find('.', begin), version.size());
    const absl::string_view number = version.substr(begin, end - begin);
    const bool is_zero =
        number.find_first_not_of('0') == absl::string_view::npos;
    if (!is_zero || part == 2 || end == version.size()) break;
    ++end;
  }
  return std::string(version.substr(0, end));
}

void AddCaretSlots(JsonValue* packages) {
  for (auto& [name, versions] : packages->members()) {
    for (JsonValue& version : versions.items()) {
      version.Set("slot",
                  JsonValue::String(CaretSlot(version.FindString("v"))));
    }
  }
}

// The problem with one version as its only request.
JsonValue OneVersion(const JsonValue& document, const std::string& name,
                     size_t rank, bool is_sat) {
  const JsonValue bound = JsonValue::Integer(static_cast<int64_t>(rank));
  JsonValue target = JsonValue::Object();
  target.Set("p", JsonValue::String(name));
  target.Set("r", JsonValue::String("*"));
  target.Set("in", JsonValue::Array({JsonValue::Array({bound, bound})}));
  JsonValue dependency = JsonValue::Object();
  dependency.Set("any", JsonValue::Array({target}));
  JsonValue request = JsonValue::Object();
  request.Set("deps", JsonValue::Array({dependency}));
  JsonValue expect = JsonValue::Object();
  expect.Set("status", JsonValue::String(is_sat ? "sat" : "unsat"));
  JsonValue problem = JsonValue::Object();
  problem.Set("id", JsonValue::String(absl::StrCat(document.FindString("id"),
                                                   "/", name, "/", rank)));
  problem.Set("request", std::move(request));
  problem.Set("expect", std::move(expect));
  return problem;
}

}  // namespace

absl::StatusOr<JsonValue> ReadCaseFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return FileError(path, "cannot be read");
  std::string text((std::istreambuf_iterator<char>(file)),
                   std::istreambuf_iterator<char>());
  if (absl::EndsWith(path, ".zst")) {
    ORRERY_ASSIGN_OR_RETURN(text, Decompress(path, text));
  }
  registry::JsonLimits limits;
  limits.max_bytes = size_t{1} << 31;
  auto document = registry::ParseJson(text, limits);
  if (!document.ok()) return FileError(path, document.status().message());
  return std::move(document->root);
}

absl::Status CaseFiles::Visit(const std::string& path, const Visitor& visitor) {
  directory_ = path.substr(0, path.rfind('/') + 1);
  ORRERY_ASSIGN_OR_RETURN(JsonValue document, ReadCaseFile(path));
  if (document.FindString("format") == "rcase-each/1") {
    return VisitEach(document, visitor);
  }
  if (document.is_object()) return VisitOne(std::move(document), visitor);
  for (JsonValue& problem : document.items()) {
    ORRERY_RETURN_IF_ERROR(VisitOne(std::move(problem), visitor));
  }
  return absl::OkStatus();
}

absl::Status CaseFiles::VisitOne(JsonValue problem, const Visitor& visitor) {
  auto& members = problem.members();
  const auto packages = std::find_if(
      members.begin(), members.end(),
      [](const auto& member) { return member.name == "packages"; });
  if (packages != members.end()) {
    CaseUniverse universe(packages->value);
    members.erase(packages);
    visitor(problem, &universe);
    return absl::OkStatus();
  }
  JsonValue* request = problem.Find("request");
  const absl::string_view installed = request->FindString("installed_ref");
  if (!installed.empty()) {
    ORRERY_ASSIGN_OR_RETURN(JsonValue releases,
                            ReadCaseFile(absl::StrCat(directory_, installed)));
    request->Set("installed", std::move(releases));
  }
  const bool caret = problem.FindString("slotting") == "caret";
  ORRERY_ASSIGN_OR_RETURN(CaseUniverse * universe,
                          Universe(problem.FindString("universe"), caret));
  visitor(problem, universe);
  return absl::OkStatus();
}

absl::Status CaseFiles::VisitEach(const JsonValue& document,
                                  const Visitor& visitor) {
  ORRERY_ASSIGN_OR_RETURN(
      CaseUniverse * universe,
      Universe(document.FindString("universe"), /*caret=*/false));
  for (const auto& [name, letters] : document.Find("each")->members()) {
    for (size_t rank = 0; rank < letters.text().size(); ++rank) {
      visitor(OneVersion(document, name, rank, letters.text()[rank] == 's'),
              universe);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<CaseUniverse*> CaseFiles::Universe(absl::string_view name,
                                                  bool caret) {
  const std::string path = absl::StrCat(directory_, name);
  auto& known = universes_[{path, caret}];
  if (known == nullptr) {
    ORRERY_ASSIGN_OR_RETURN(JsonValue document, ReadCaseFile(path));
    JsonValue* packages = document.Find("packages");
    if (caret) AddCaretSlots(packages);
    known = std::make_unique<CaseUniverse>(*packages);
  }
  return known.get();
}

}  // namespace orrery::tests
