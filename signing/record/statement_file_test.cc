#include "signing/record/statement_file.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

using ::testing::Not;

TEST(StatementFileTest, NamesHaveSixDigitsAndTheLabelBetween) {
  EXPECT_EQ(StatementDirectory("acme/db"), "trust/acme/db");
  EXPECT_EQ(StatementFileName(57), "000057.stmt");
  EXPECT_EQ(SignatureFileName(57, ""), "000057.stmt.sig");
  EXPECT_EQ(SignatureFileName(999999, "bob"), "999999.stmt.bob.sig");
}

TEST(StatementFileTest, WhatIsNamedIsParsed) {
  const auto statement = ParseStatementFileName("000057.stmt");
  ASSERT_TRUE(statement.has_value());
  EXPECT_EQ(statement->seq, 57);
  EXPECT_FALSE(statement->is_signature);
  const auto plain = ParseStatementFileName("000001.stmt.sig");
  ASSERT_TRUE(plain.has_value());
  EXPECT_TRUE(plain->is_signature);
  EXPECT_EQ(plain->label, "");
  const auto labelled = ParseStatementFileName("000001.stmt.a-9.sig");
  ASSERT_TRUE(labelled.has_value());
  EXPECT_EQ(labelled->label, "a-9");
}

TEST(StatementFileTest, OtherFilesMeanNothing) {
  for (const std::string& name :
       {std::string(""), std::string("000000.stmt"), std::string("1.stmt"),
        std::string("0000001.stmt"), std::string("00001a.stmt"),
        std::string("000001.stmt~"), std::string("000001.stmt.sig.sig.x"),
        std::string("000001.stmt.Bob.sig"), std::string("000001.stmt.-b.sig"),
        std::string("000001.stmt..sig"), std::string("000001.stmtx.sig"),
        std::string("000001.sig"), std::string("README"),
        "000001.stmt." + std::string(33, 'a') + ".sig"}) {
    EXPECT_FALSE(ParseStatementFileName(name).has_value()) << name;
  }
}

TEST(StatementFileTest, LabelsAreLowerCase) {
  EXPECT_THAT(CheckSignatureLabel("bob-2"), IsOk());
  EXPECT_THAT(CheckSignatureLabel(std::string(32, 'a')), IsOk());
  for (const std::string& label :
       {std::string(""), std::string("Bob"), std::string("-b"),
        std::string("a.b"), std::string("../x"), std::string(33, 'a')}) {
    EXPECT_THAT(CheckSignatureLabel(label), Not(IsOk())) << label;
  }
}

}  // namespace
}  // namespace orrery::signing
