#include "cli-plugin/source/source_commands.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli-plugin/command_test_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kSource[] =
    R"({"name":"u","url":"https://h/u.git","ref":"refs/heads/main",
        "subdir":".","priority":100,"commit":"e3b0c44298fc","state":"ok",
        "token_file":"/etc/orrery/token",
        "error":null,"packages":0,"releases":0,"hidden":0,"refused":[],
        "findings":{}})";

class SourceCommandsTest : public tests::CommandTest {};

TEST_F(SourceCommandsTest, AddSendsWhatWasGivenAndPrintsWhatWasRecorded) {
  http.Answer("POST /v1/sources", 200,
              std::string(R"({"source":)") + kSource +
                  R"(,"warnings":["no repo/packages under ."]})");
  EXPECT_EQ(Run({"source", "add", "u", "https://h/u.git", "--ref", "main",
                 "--subdir", "sub", "--priority", "10", "--token-file",
                 "../token", "--known-hosts", "/etc/hosts", "--no-check"}),
            0);
  EXPECT_EQ(http.BodyOf("POST /v1/sources"),
            R"({"name":"u","url":"https://h/u.git","ref":"main",)"
            R"("subdir":"sub","priority":10,"token_file":"/home/token",)"
            R"("known_hosts_file":"/etc/hosts","skip_check":true})");
  EXPECT_EQ(out, "added source u: https://h/u.git refs/heads/main\n");
  EXPECT_THAT(err, HasSubstr("warning: no repo/packages under .\n"));
}

TEST_F(SourceCommandsTest, AddSaysFirstWhatItMeansAndAsksOnATerminal) {
  http.Answer("POST /v1/sources", 200, kSource);
  in_is_terminal = true;
  input = "n\n";
  EXPECT_EQ(Run({"source", "add", "u", "/u"}), 1);
  EXPECT_THAT(http.requests(), IsEmpty());
  EXPECT_THAT(err, HasSubstr("permanent, public content of the log; observed: "
                             "its releases need no signature"));
  EXPECT_THAT(err, HasSubstr(". Add source u? [y/N] "));
  input = "y\n";
  EXPECT_EQ(Run({"source", "add", "u", "/u", "--admit", "sshsig"}), 0);
  EXPECT_THAT(err, Not(HasSubstr("observed")));
  input = "";
  EXPECT_EQ(Run({"source", "add", "u", "/u", "--yes"}), 0);
  EXPECT_THAT(err, StartsWith("warning: its URL, its ref, commit ids"));
  in_is_terminal = false;
  EXPECT_EQ(Run({"source", "add", "u", "/u", "-o", "json"}), 0);
  EXPECT_THAT(err, StartsWith("{\"warning\":\"its URL, its ref"));
}

TEST_F(SourceCommandsTest, AddThatFailsIsOneDocumentInJson) {
  http.Answer("POST /v1/sources", 409, R"({"detail":"no answer"})");
  EXPECT_NE(Run({"source", "add", "u", "/u", "-o", "json"}), 0);
  EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 1) << err;
  EXPECT_THAT(err, HasSubstr("no answer"));
}

TEST_F(SourceCommandsTest, ARefusedSourceEndsWithSeventeen) {
  http.Answer("POST /v1/sources", 400,
              R"({"detail":"no","refused":"git.url","exit":17})");
  EXPECT_EQ(Run({"source", "add", "u", "/u"}), 17);
  EXPECT_THAT(err, HasSubstr("git.url: no\n"));
  http.Answer("POST /v1/sources/u:sync", 409,
              R"({"detail":"gone","refused":"git.rewrite","exit":17})");
  EXPECT_EQ(Run({"source", "sync", "u", "-o", "json"}), 17);
  EXPECT_EQ(err, R"({"refused":"git.rewrite","exit":17,"detail":"gone"})"
                 "\n");
}

TEST_F(SourceCommandsTest, AddMakesPathsAbsolute) {
  http.Answer("POST /v1/sources", 200, kSource);
  Run({"source", "add", "u", "./packages/"});
  EXPECT_EQ(http.BodyOf("POST /v1/sources"),
            R"({"name":"u","url":"/home/me/packages"})");
  Run({"source", "add", "u", "file://../x"});
  EXPECT_EQ(http.BodyOf("POST /v1/sources"),
            R"({"name":"u","url":"file:///home/x"})");
}

TEST_F(SourceCommandsTest, AddOfARemoteThatDoesNotDoFailsWithOne) {
  http.Answer("POST /v1/sources", 409,
              R"({"code":"FAILED_PRECONDITION","reason":"NO_SUCH_REF",
                  "detail":"https://h/u.git has no ref mian, nearest: main"})");
  EXPECT_EQ(Run({"source", "add", "u", "https://h/u.git", "--ref", "mian"}), 1);
  EXPECT_THAT(out, IsEmpty());
  EXPECT_THAT(err, HasSubstr("nearest: main"));
}

TEST_F(SourceCommandsTest, AddOfANameThatIsTakenIsAConflict) {
  http.Answer("POST /v1/sources", 409,
              R"({"code":"ALREADY_EXISTS","detail":"source u exists"})");
  EXPECT_EQ(Run({"source", "add", "u", "https://h/u.git"}), 4);
}

TEST_F(SourceCommandsTest, AddWithAWrongPrioritySendsNothing) {
  EXPECT_EQ(Run({"source", "add", "u", "/u", "--priority", "0"}), 64);
  EXPECT_THAT(http.requests(), IsEmpty());
}

TEST_F(SourceCommandsTest, StatusWithoutANameShowsAll) {
  http.Answer("GET /v1/sources", 200,
              std::string(R"({"sources":[)") + kSource + R"(,{"name":"v",
                  "state":"failed","error":"no answer"}]})");
  EXPECT_EQ(Run({"source", "status"}), 0);
  EXPECT_THAT(out, HasSubstr("u: ok\n"));
  EXPECT_THAT(out, HasSubstr("\n\nv: failed\nerror:         no answer\n"));
  EXPECT_EQ(Run({"source", "status", "-o", "name"}), 0);
  EXPECT_EQ(out, "u\nv\n");
}

TEST_F(SourceCommandsTest, SyncTellsWhatIsServed) {
  http.Answer("POST /v1/sources/u:sync", 200,
              R"({"source":{"name":"u","commit":"c0ffee","packages":185,
                  "releases":1235,"refused":[{}],"error":null}})");
  EXPECT_EQ(Run({"source", "sync", "u", "--accept-removals"}), 0);
  EXPECT_EQ(http.BodyOf("POST /v1/sources/u:sync"),
            R"({"accept_removals":true})");
  EXPECT_EQ(out, "u: 185 packages, 1235 releases, 1 refused, at c0ffee\n");
}

TEST_F(SourceCommandsTest, SyncTakesSeveralNames) {
  for (const char* name : {"a", "b"}) {
    http.Answer(absl::StrCat("POST /v1/sources/", name, ":sync"), 200,
                absl::StrCat(R"({"source":{"name":")", name,
                             R"(","commit":"c0ffee","packages":1,
                                "releases":2,"refused":[]}})"));
  }
  EXPECT_EQ(Run({"source", "sync", "a", "b"}), 0);
  EXPECT_EQ(out,
            "a: 1 package, 2 releases, 0 refused, at c0ffee\n"
            "b: 1 package, 2 releases, 0 refused, at c0ffee\n");
  EXPECT_EQ(Run({"source", "sync", "a", "b", "-o", "json"}), 0);
  EXPECT_THAT(out, HasSubstr("\"sources\""));
}

TEST_F(SourceCommandsTest, FailureOfOneSourceHoldsUpNoOther) {
  http.Answer("POST /v1/sources/a:sync", 404,
              R"({"detail":"no source 'a'","reason":"SOURCE_NOT_FOUND"})");
  http.Answer("POST /v1/sources/b:sync", 200, R"({"source":{"name":"b"}})");
  EXPECT_EQ(Run({"source", "sync", "a", "b"}), 3);
  EXPECT_THAT(err, HasSubstr("a: no source 'a'"));
  EXPECT_THAT(err, HasSubstr("1 of 2 sources were not synced: a"));
  EXPECT_THAT(out, IsEmpty());
  EXPECT_EQ(http.BodyOf("POST /v1/sources/b:sync"), "{}");
}

struct SyncFailure {
  std::string name;
  int status;
  std::string body;
  int exit;
};

class SyncFailureTest : public tests::CommandTest,
                        public ::testing::WithParamInterface<SyncFailure> {};

TEST_P(SyncFailureTest, HasItsExitCode) {
  http.Answer("POST /v1/sources/u:sync", GetParam().status, GetParam().body);
  EXPECT_EQ(Run({"source", "sync", "u"}), GetParam().exit);
  EXPECT_THAT(out, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Failures, SyncFailureTest,
    ::testing::Values(
        SyncFailure{"Held", 409,
                    R"({"code":"FAILED_PRECONDITION","reason":"SOURCE_HELD",
                        "detail":"x"})",
                    4},
        SyncFailure{"VanishedRef", 409,
                    R"({"code":"FAILED_PRECONDITION","detail":"x"})", 1},
        SyncFailure{"Unavailable", 503, R"({"detail":"x"})", 1},
        SyncFailure{"Limit", 429,
                    R"({"code":"RESOURCE_EXHAUSTED","detail":"x"})", 1},
        SyncFailure{"NoSuchRef", 404, R"({"detail":"x"})", 1},
        SyncFailure{"NoSuchSource", 404,
                    R"({"detail":"x","reason":"SOURCE_NOT_FOUND"})", 3}),
    [](const auto& test) { return test.param.name; });

TEST_F(SourceCommandsTest, SyncThatTakesTooLongGoesOnOnTheServer) {
  http.Fail("POST /v1/sources/u:sync",
            absl::DeadlineExceededError("timed out"));
  EXPECT_EQ(Run({"source", "sync", "u", "--timeout", "5s"}), 7);
  EXPECT_THAT(err, HasSubstr("timed out after 5s; the server goes on syncing"));
  EXPECT_EQ(http.Last("POST /v1/sources/u:sync").timeout, absl::Seconds(5));
}

TEST_F(SourceCommandsTest, StatusJsonIsTheServersObject) {
  http.Answer("GET /v1/sources/u", 200, R"({"name":"u","legacy_releases":7})");
  EXPECT_EQ(Run({"source", "status", "u", "-o", "jsonl"}), 0);
  EXPECT_EQ(out, "{\"name\":\"u\",\"legacy_releases\":7}\n");
}

TEST_F(SourceCommandsTest, StatusPageShowsErrorsAndRefusedReleases) {
  http.Answer("GET /v1/sources/u", 200,
              R"({"name":"u","state":"failed","error":"ref is gone",
                  "packages":2,"refused":[{"rule":"symlink",
                  "path":"repo/packages/K/kafka/1/x","pointer":null,
                  "line":null,"reason":"is a symbolic link"}],
                  "refused_not_listed":41,"findings":{"dup-key":3}})");
  EXPECT_EQ(Run({"source", "status", "u"}), 0);
  EXPECT_EQ(out, R"(u: failed
error:         ref is gone
packages:      2
refused:       42
findings:      dup-key 3

Refused:
  repo/packages/K/kafka/1/x: is a symbolic link (symlink)
  and 41 more releases
)");
}

TEST_F(SourceCommandsTest, RemoveListsServicesAndPrintsTheUndoCommand) {
  http.Answer("GET /v1/sources/u", 200, kSource);
  http.Answer("GET /v1/clusters/-/services", 200,
              R"({"services":[{"name":"a","source":"u"},
                              {"name":"b","source":"t"}]})");
  http.Answer("DELETE /v1/sources/u", 200, "{}");
  EXPECT_EQ(Run({"source", "remove", "u", "--yes"}), 0);
  EXPECT_EQ(out,
            "removed source u; this adds it again:\n"
            "  orrery source add u https://h/u.git --ref refs/heads/main"
            " --token-file /etc/orrery/token\n");
  EXPECT_EQ(err, "warning: these services came from it and go on running: a\n");
}

TEST_F(SourceCommandsTest, RemoveWithoutAnyoneToAskChangesNothing) {
  http.Answer("GET /v1/sources/u", 200, kSource);
  http.Answer("GET /v1/clusters/-/services", 200, R"({"services":[]})");
  EXPECT_EQ(Run({"source", "remove", "u"}), 64);
  EXPECT_EQ(http.writes(), 0);
}

TEST_F(SourceCommandsTest, ListIsATableAndAnObject) {
  http.Answer("GET /v1/sources", 200,
              std::string("{\"sources\":[") + kSource + "]}");
  EXPECT_EQ(Run({"repo", "list"}), 0);
  EXPECT_EQ(out,
            "NAME  STATE  PACKAGES  RELEASES  REFUSED  COMMIT        URL\n"
            "u     ok     0         0         0        e3b0c44298fc  "
            "https://h/u.git\n");
  EXPECT_EQ(Run({"source", "list", "-o", "name"}), 0);
  EXPECT_EQ(out, "u\n");
}

}  // namespace
}  // namespace orrery::cli
