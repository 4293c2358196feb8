// The verdicts of EvaluateSchema against those of valijson, an independent
// implementation, over every published config and changed default options.

#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "valijson/adapters/boost_json_adapter.hpp"
#include "valijson/schema.hpp"
#include "valijson/schema_parser.hpp"
#include "valijson/validator.hpp"
#include <boost/json.hpp>

#include "archive.h"
#include "archive_entry.h"
#include "catalog/options/default_options.h"
#include "catalog/options/json_testing.h"
#include "catalog/options/options_schema.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

// valijson's adapter knows integers by their type only.
boost::json::value ToBoost(const JsonValue& value) {
  switch (value.kind()) {
    case JsonValue::Kind::kNull:
      return nullptr;
    case JsonValue::Kind::kBool:
      return value.bool_value();
    case JsonValue::Kind::kNumber:
      if (const auto integer = value.AsInteger()) return *integer;
      return *value.AsDouble();
    case JsonValue::Kind::kString:
      return boost::json::string(value.text());
    case JsonValue::Kind::kArray: {
      boost::json::array array;
      for (const JsonValue& item : value.items())
        array.push_back(ToBoost(item));
      return array;
    }
    case JsonValue::Kind::kObject: {
      boost::json::object object;
      for (const auto& [name, member] : value.members()) {
        object[name] = ToBoost(member);
      }
      return object;
    }
  }
  return nullptr;
}

// valijson's regular expressions can explode, and its format throws on a value
// that is no string.
void DropTextKeywords(JsonValue* schema) {
  for (const char* keyword : {"pattern", "format"}) {
    const JsonValue* value = schema->Find(keyword);
    if (value != nullptr && value->is_string()) schema->Erase(keyword);
  }
  for (auto& member : schema->members()) DropTextKeywords(&member.value);
  for (JsonValue& item : schema->items()) DropTextKeywords(&item);
}

std::vector<std::string> ReadConfigs(const std::string& path) {
  std::vector<std::string> configs;
  const std::unique_ptr<archive, decltype(&archive_read_free)> reader(
      archive_read_new(), &archive_read_free);
  archive_read_support_filter_zstd(reader.get());
  archive_read_support_format_tar(reader.get());
  if (archive_read_open_filename(reader.get(), path.c_str(), 1 << 16) !=
      ARCHIVE_OK) {
    return configs;
  }
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
    const std::string name = archive_entry_pathname(entry);
    if (name.find("/config.json") == std::string::npos) continue;
    std::string bytes(static_cast<size_t>(archive_entry_size(entry)), '\0');
    archive_read_data(reader.get(), bytes.data(), bytes.size());
    configs.push_back(std::move(bytes));
  }
  return configs;
}

class Verdicts {
 public:
  explicit Verdicts(const JsonValue& config)
      : ours_(*OptionsSchema::Compile(config)), document_(ToBoost(config)) {
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft4);
    const valijson::adapters::BoostJsonAdapter adapter(document_);
    parser.populateSchema(adapter, theirs_);
  }

  void Compare(const JsonValue& options) {
    if (options.members().empty()) return;
    const boost::json::value value = ToBoost(options);
    const valijson::adapters::BoostJsonAdapter adapter(value);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    const bool theirs = validator.validate(theirs_, adapter, nullptr);
    const bool ours = ours_.Validate(options)->empty();
    EXPECT_EQ(ours, theirs) << WriteJson(options).substr(0, 500);
    ++(theirs ? accepted : rejected);
  }

  int accepted = 0;
  int rejected = 0;

 private:
  OptionsSchema ours_;
  boost::json::value document_;
  valijson::Schema theirs_;
};

// Calls `visit` with each of `root`'s values in turn put to something else.
template <typename Visit>
void ForEachChange(JsonValue* root, JsonValue* at, int* budget,
                   const Visit& visit) {
  for (size_t i = 0; i < at->members().size() && *budget > 0; ++i) {
    JsonValue* member = &at->members()[i].value;
    ForEachChange(root, member, budget, visit);
    for (const char* text :
         {"null", "true", "-1", "0.5", "\"x\"", "[]", "{\"zz\":1}"}) {
      if (--*budget < 0) return;
      const JsonValue before = *member;
      *member = Json(text);
      visit(*root);
      *member = before;
    }
    JsonValue::Member removed = at->members()[i];
    at->members().erase(at->members().begin() + static_cast<long>(i));
    visit(*root);
    at->members().insert(at->members().begin() + static_cast<long>(i),
                         std::move(removed));
  }
}

TEST(SchemaOracleTest, VerdictsAgreeOnChangedDefaults) {
  const char* data = std::getenv("ORRERY_TEST_DATA");
  if (data == nullptr) GTEST_SKIP() << "ORRERY_TEST_DATA is not set";
  const std::vector<std::string> configs =
      ReadConfigs(absl::StrCat(data, "/universe-packages.tar.zst"));
  ASSERT_EQ(configs.size(), 1164u);
  int accepted = 0;
  int rejected = 0;
  // Neighbouring releases differ little.
  for (size_t i = 0; i < configs.size(); i += 5) {
    JsonValue config = Json(configs[i]);
    DropTextKeywords(&config);
    Verdicts verdicts(config);
    JsonValue options = DefaultOptions(config);
    verdicts.Compare(options);
    int budget = 150;
    ForEachChange(&options, &options, &budget,
                  [&verdicts](const JsonValue& o) { verdicts.Compare(o); });
    accepted += verdicts.accepted;
    rejected += verdicts.rejected;
  }
  EXPECT_GT(accepted, 3000);
  EXPECT_GT(rejected, 10000);
}

}  // namespace
}  // namespace orrery::catalog
