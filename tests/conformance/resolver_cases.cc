// resolver_cases FILE...: solves every problem of the files and prints one line
// of JSON each. Exit 0 if all that the problems expect was met (resolver.md
// §15, §16 rows 1 to 3), 1 if not, 64 for unreadable files.

#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "tests/conformance/case_run.h"
#include "tests/testing/case_universe.h"

namespace orrery::tests {
namespace {

using registry::JsonValue;

[[noreturn]] void Die(const std::string& path, absl::string_view why) {
  std::fprintf(stderr, "%s: %s\n", path.c_str(), std::string(why).c_str());
  std::exit(64);
}

std::string Decompress(const std::string& path, const std::string& bytes) {
  const unsigned long long size =
      ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  constexpr unsigned long long kMost = 1ULL << 31;
  if (size > kMost) Die(path, "not a zstd frame of known size");
  std::string text(size, '\0');
  const size_t done =
      ZSTD_decompress(text.data(), text.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(done)) Die(path, ZSTD_getErrorName(done));
  return text;
}

JsonValue ReadJson(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) Die(path, "cannot be read");
  std::string text((std::istreambuf_iterator<char>(file)),
                   std::istreambuf_iterator<char>());
  if (absl::EndsWith(path, ".zst")) text = Decompress(path, text);
  registry::JsonLimits limits;
  limits.max_bytes = size_t{1} << 31;
  auto document = registry::ParseJson(text, limits);
  if (!document.ok()) Die(path, document.status().message());
  return std::move(document->root);
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

class Runner {
 public:
  void RunFile(const std::string& path) {
    directory_ = path.substr(0, path.rfind('/') + 1);
    const JsonValue document = ReadJson(path);
    if (document.FindString("format") == "rcase-each/1") {
      RunEach(document);
      return;
    }
    if (document.is_object()) {
      RunOne(document);
      return;
    }
    for (const JsonValue& problem : document.items()) RunOne(problem);
  }

  bool all_met() const { return all_met_; }

 private:
  void RunOne(const JsonValue& problem) {
    if (const JsonValue* packages = problem.Find("packages")) {
      CaseUniverse universe(*packages);
      Print(RunCase(problem, &universe));
      return;
    }
    JsonValue whole = problem;
    JsonValue* request = whole.Find("request");
    const absl::string_view installed = request->FindString("installed_ref");
    if (!installed.empty()) {
      request->Set("installed", ReadJson(absl::StrCat(directory_, installed)));
    }
    const bool caret = problem.FindString("slotting") == "caret";
    Print(RunCase(whole, Universe(problem.FindString("universe"), caret)));
  }

  void RunEach(const JsonValue& document) {
    CaseUniverse* universe =
        Universe(document.FindString("universe"), /*caret=*/false);
    for (const auto& [name, letters] : document.Find("each")->members()) {
      for (size_t rank = 0; rank < letters.text().size(); ++rank) {
        Print(RunCase(
            OneVersion(document, name, rank, letters.text()[rank] == 's'),
            universe));
      }
    }
  }

  static JsonValue OneVersion(const JsonValue& document,
                              const std::string& name, size_t rank,
                              bool is_sat) {
    const auto number = static_cast<int64_t>(rank);
    const JsonValue bound = JsonValue::Integer(number);
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

  CaseUniverse* Universe(absl::string_view name, bool caret) {
    const std::string path = absl::StrCat(directory_, name);
    auto& known = universes_[{path, caret}];
    if (known == nullptr) {
      JsonValue document = ReadJson(path);
      JsonValue* packages = document.Find("packages");
      if (caret) AddCaretSlots(packages);
      known = std::make_unique<CaseUniverse>(*packages);
    }
    return known.get();
  }

  void Print(const CaseRun& run) {
    all_met_ = all_met_ && run.faults.empty();
    std::printf("%s\n", CaseRunLine(run).c_str());
    std::fflush(stdout);
  }

  std::string directory_;
  std::map<std::pair<std::string, bool>, std::unique_ptr<CaseUniverse>>
      universes_;
  bool all_met_ = true;
};

}  // namespace
}  // namespace orrery::tests

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FILE...\n", argv[0]);
    return 64;
  }
  orrery::tests::Runner runner;
  for (int i = 1; i < argc; ++i) runner.RunFile(argv[i]);
  return runner.all_met() ? 0 : 1;
}
