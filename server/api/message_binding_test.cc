#include "server/api/message_binding.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/v1/service.pb.h"
#include "registry/v1/package.pb.h"
#include "registry/v1/source.pb.h"

namespace orrery::server {
namespace {

using catalog::v1::InstallServiceRequest;
using registry::v1::CreateSourceRequest;
using registry::v1::GetReleaseRequest;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(BindBodyTest, FillsFieldsByName) {
  CreateSourceRequest request;
  EXPECT_THAT(BindBody(R"({"name":"u","priority":5.0,"skip_check":true,)"
                       R"("subdir":null})",
                       &request),
              IsEmpty());
  EXPECT_EQ(request.name(), "u");
  EXPECT_EQ(request.priority(), 5);
  EXPECT_TRUE(request.skip_check());
  EXPECT_EQ(request.subdir(), "");
}

TEST(BindBodyTest, DocumentsKeepNumbersNullsAndOrder) {
  InstallServiceRequest request;
  EXPECT_THAT(
      BindBody(R"({"options": {"z": 1.10, "a": [null, 1e2]}})", &request),
      IsEmpty());
  EXPECT_EQ(request.options(), R"({"z":1.10,"a":[null,1e2]})");
}

TEST(BindBodyTest, NamesEveryFaultByPointer) {
  CreateSourceRequest request;
  const auto faults =
      BindBody(R"({"nmae":"u","priority":"5","url":7,"skip_check":0,"a/b":1})",
               &request);
  ASSERT_THAT(faults, SizeIs(5));
  EXPECT_EQ(faults[0].pointer, "/nmae");
  EXPECT_EQ(faults[0].message, "unknown member 'nmae', did you mean 'name'?");
  EXPECT_EQ(faults[1].pointer, "/priority");
  EXPECT_EQ(faults[1].message, "must be an integer of 32 bits, found a string");
  EXPECT_EQ(faults[2].message, "must be a string, found a number");
  EXPECT_EQ(faults[3].message, "must be true or false, found a number");
  EXPECT_EQ(faults[4].pointer, "/a~1b");
  EXPECT_THAT(faults[4].message, HasSubstr("known are: name, url"));
}

TEST(BindBodyTest, RefusesWhatIsNoObject) {
  for (const char* body :
       {"", "[]", "null", "{", "{\"name\":\"a\"} x", "\xff"}) {
    CreateSourceRequest request;
    EXPECT_THAT(BindBody(body, &request),
                ElementsAre(Field(&RequestFault::pointer, "")))
        << body;
  }
}

TEST(BindBodyTest, RefusesIntegersThatDoNotFit) {
  for (const char* value : {"2147483648", "1.5", "1e300", "-2147483649"}) {
    CreateSourceRequest request;
    EXPECT_THAT(
        BindBody(std::string(R"({"priority":)") + value + "}", &request),
        SizeIs(1))
        << value;
  }
}

TEST(BindBodyTest, RefusesAMemberGivenTwice) {
  CreateSourceRequest request;
  EXPECT_THAT(BindBody(R"({"name":"a","name":"b"})", &request),
              ElementsAre(Field(&RequestFault::pointer, "/name")));
  InstallServiceRequest install;
  EXPECT_THAT(BindBody(R"({"options":{"a":1,"a":2}})", &install),
              ElementsAre(Field(&RequestFault::pointer, "/options/a")));
}

TEST(BindParametersTest, ReadsTextByTheTypeOfTheField) {
  GetReleaseRequest request;
  EXPECT_THAT(
      BindParameters({{"package", "kafka"}, {"release", "12"}}, &request),
      IsEmpty());
  EXPECT_EQ(request.package(), "kafka");
  EXPECT_EQ(request.release(), 12);
}

TEST(BindParametersTest, NamesEveryFaultByParameter) {
  GetReleaseRequest request;
  const auto faults = BindParameters({{"release", "two"},
                                      {"pakage", "kafka"},
                                      {"source", "a"},
                                      {"source", "b"}},
                                     &request);
  ASSERT_THAT(faults, SizeIs(3));
  EXPECT_EQ(faults[0].parameter, "release");
  EXPECT_EQ(faults[0].message, "must be an integer, found 'two'");
  EXPECT_EQ(faults[1].message,
            "unknown parameter 'pakage', did you mean 'package'?");
  EXPECT_EQ(faults[2].message, "given twice");
}

TEST(BindParametersTest, IntegersHaveOneSpelling) {
  for (const char* text : {"0", "7", "-7", "9223372036854775807"}) {
    GetReleaseRequest request;
    EXPECT_THAT(BindParameters({{"release", text}}, &request), IsEmpty())
        << text;
  }
  for (const char* text : {"", "01200", "+7", "-0", " 7", "7 ", "1e3", "0x7",
                           "7.0", "9223372036854775808"}) {
    GetReleaseRequest request;
    EXPECT_THAT(BindParameters({{"release", text}}, &request), SizeIs(1))
        << text;
  }
}

TEST(BindParametersTest, MustNotContradictTheBody) {
  InstallServiceRequest request;
  request.set_cluster("other");
  EXPECT_THAT(BindParameters({{"cluster", "local"}}, &request),
              ElementsAre(Field(&RequestFault::message,
                                "is 'local' here and 'other' in the body")));
  request.set_cluster("local");
  EXPECT_THAT(BindParameters({{"cluster", "local"}}, &request), IsEmpty());
}

}  // namespace
}  // namespace orrery::server
