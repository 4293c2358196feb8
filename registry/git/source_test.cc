#include "registry/git/source.h"

#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "signing/record/record.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct UrlCase {
  const char* text;
  UrlScheme scheme;
  const char* path;
  const char* host;
  bool local_only;
};

TEST(ParseSourceUrlTest, EverySpellingIsTaken) {
  const UrlCase cases[] = {
      {"/srv/universe", UrlScheme::kLocal, "/srv/universe", "", true},
      {"/srv/universe/", UrlScheme::kLocal, "/srv/universe", "", true},
      {"/srv/my universe", UrlScheme::kLocal, "/srv/my universe", "", true},
      {"file:///srv/my%20universe", UrlScheme::kLocal, "/srv/my universe", "",
       true},
      {"file://localhost/srv/u", UrlScheme::kLocal, "/srv/u", "", true},
      {"https://git.example/u.git", UrlScheme::kHttps, "", "git.example",
       false},
      {"https://127.0.0.1:8443/u", UrlScheme::kHttps, "", "127.0.0.1", true},
      {"https://[::1]/u", UrlScheme::kHttps, "", "::1", true},
      {"http://git.example/u", UrlScheme::kHttp, "", "git.example", true},
      {"ssh://git@git.example:2222/u", UrlScheme::kSsh, "", "git.example",
       false},
      {"ssh://localhost/u", UrlScheme::kSsh, "", "localhost", true},
      {"git@git.example:team/u.git", UrlScheme::kSsh, "", "git.example", false},
      {"git.example:u.git", UrlScheme::kSsh, "", "git.example", false},
  };
  for (const UrlCase& expected : cases) {
    const auto url = ParseSourceUrl(expected.text);
    ASSERT_THAT(url, IsOk()) << expected.text;
    EXPECT_EQ(url->scheme, expected.scheme) << expected.text;
    EXPECT_EQ(url->text, expected.text);
    EXPECT_EQ(url->path, expected.path) << expected.text;
    EXPECT_EQ(url->host, expected.host) << expected.text;
    EXPECT_EQ(url->local_only(), expected.local_only) << expected.text;
  }
}

TEST(ParseSourceUrlTest, OtherTextsAreRefused) {
  for (const std::string& text : {std::string(),
                                  std::string("universe"),
                                  std::string("./universe"),
                                  std::string("git://git.example/u"),
                                  std::string("ext::sh -c id"),
                                  std::string("ext::id"),
                                  std::string("fd::17"),
                                  std::string("https://git.example"),
                                  std::string("https://git.example/"),
                                  std::string("https://-oProxyCommand=id/u"),
                                  std::string("ssh://-oProxyCommand=id/u"),
                                  std::string("-oProxyCommand=id:u"),
                                  std::string("ssh://-x@host/u"),
                                  std::string("https://git.example:99999/u"),
                                  std::string("https://git.example:x/u"),
                                  std::string("https:///u"),
                                  std::string("https://git.example/u?token=x"),
                                  std::string("https://git.example/a b"),
                                  std::string("/srv/u\n"),
                                  std::string("file://other.example/u"),
                                  std::string("file:///a%zz"),
                                  std::string("file:///a%00b"),
                                  "/" + std::string(512, 'a')}) {
    EXPECT_THAT(ParseSourceUrl(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(ParseSourceUrlTest, PasswordIsRefusedAndNotRepeated) {
  for (const char* text :
       {"https://user:s3cret@git.example/u", "https://s3cret@git.example/u",
        "ssh://git:s3cret@git.example/u", "git:s3cret@git.example/u",
        "ftp://user:s3cret@git.example/u"}) {
    const auto url = ParseSourceUrl(text);
    ASSERT_THAT(url, StatusIs(absl::StatusCode::kInvalidArgument)) << text;
    EXPECT_THAT(std::string(url.status().message()), Not(HasSubstr("s3cret")));
  }
}

TEST(CanonicalRemoteTest, WhatGitTreatsAlikeIsOneRemote) {
  const std::vector<std::vector<std::string>> alike = {
      {"https://git.example/u", "https://GIT.example:443/u/",
       "https://git.example:0443/u", "https://git.example/u/"},
      {"http://git.example/u", "http://git.Example:80/u"},
      {"https://[FE80::1]/u", "https://[fe80::1]:443/u/"},
      {"/srv/u", "/srv/u//", "file:///srv/u", "file://localhost/srv/%75"},
  };
  for (const std::vector<std::string>& urls : alike) {
    Source first;
    first.url = urls.front();
    for (const std::string& url : urls) {
      Source source;
      source.url = url;
      EXPECT_EQ(CanonicalRemote(source), CanonicalRemote(first)) << url;
    }
  }
}

TEST(CanonicalRemoteTest, WhatOnlyAServerTreatsAlikeIsNot) {
  std::set<std::string> remotes;
  const std::vector<std::string> urls = {
      "https://git.example/u",   "https://git.example/u.git",
      "https://git.example/U",   "https://git.example/u//",
      "https://git.example//u",  "https://git.example:8443/u",
      "http://git.example/u",    "http://git.example:443/u",
      "ssh://git.example/u",     "ssh://git.example:22/u",
      "ssh://git.example/u/",    "ssh://git@git.example/u",
      "git.example:u",           "git@git.example:u",
      "https://git.example/%75", "/git.example/u"};
  for (const std::string& url : urls) {
    Source source;
    source.url = url;
    remotes.insert(CanonicalRemote(source));
  }
  EXPECT_EQ(remotes.size(), urls.size());
}

TEST(SourceTest, NameIsALetterThenLowerCaseLettersDigitsAndInnerDashes) {
  for (const std::string& name : {std::string("u"), std::string("universe"),
                                  std::string("a-1"), std::string(32, 'a')}) {
    EXPECT_THAT(ValidateSourceName(name), IsOk()) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("-a"), std::string("a-"), std::string("A"),
        std::string("1a"), std::string("a_b"), std::string("a/b"),
        std::string(33, 'a')}) {
    EXPECT_THAT(ValidateSourceName(name),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << name;
  }
}

TEST(SourceTest, SubdirStaysInsideTheRepository) {
  EXPECT_THAT(NormaliseSubdir("."), IsOkAndHolds(""));
  EXPECT_THAT(NormaliseSubdir("/a//b/./c/"), IsOkAndHolds("a/b/c"));
  EXPECT_THAT(NormaliseSubdir("a/../.."),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SourceTest, EncodedSourceIsDecodedAsItWas) {
  Source source;
  source.name = "universe";
  source.url = "ssh://git@git.example/u";
  source.ref = "refs/heads/main";
  source.subdir = "packages";
  source.priority = -5;
  source.files = {"/t", "/k", "/h", "/c", "/w"};
  EXPECT_THAT(DecodeSource(EncodeSource(source)), IsOkAndHolds(source));
  source.mode = signing::RevisionMode::kMutable;
  source.admission = signing::Admission::kSshsig;
  source.first_commit = "1111111111111111111111111111111111111111";
  source.accepted_tip = "2222222222222222222222222222222222222222";
  source.admitted_keysets = {{"kafka", "ab"}, {"spark", "cd"}};
  EXPECT_THAT(DecodeSource(EncodeSource(source)), IsOkAndHolds(source));
}

TEST(SourceTest, DamagedValueIsDataLoss) {
  for (const char* value : {"", "{", "[]", R"({"name":"u"})"}) {
    EXPECT_THAT(DecodeSource(value), StatusIs(absl::StatusCode::kDataLoss))
        << value;
  }
}

}  // namespace
}  // namespace orrery::registry
