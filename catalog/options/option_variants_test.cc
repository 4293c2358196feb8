#include "catalog/options/option_variants.h"

#include "gtest/gtest.h"

#include "catalog/options/json_testing.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {
namespace {

using registry::WriteJson;

constexpr char kOptions[] =
    R"({"a":{"on":true,"off":false,"text":"x","n":3.5},"list":[1,true],)"
    R"("none":null})";

TEST(OptionVariantsTest, BooleansAreNegatedAndNothingElse) {
  EXPECT_EQ(WriteJson(WithBooleansNegated(Json(kOptions))),
            R"({"a":{"on":false,"off":true,"text":"x","n":3.5},)"
            R"("list":[1,true],"none":null})");
}

TEST(OptionVariantsTest, ValuesAreEmptiedAndBooleansStay) {
  EXPECT_EQ(WriteJson(WithValuesEmptied(Json(kOptions))),
            R"({"a":{"on":true,"off":false,"text":"","n":0},"list":[],)"
            R"("none":null})");
}

}  // namespace
}  // namespace orrery::catalog
