#include "signing/hmac.h"

#include <string>

#include "gtest/gtest.h"

namespace orrery::signing {
namespace {

struct Vector {
  const char* section;
  std::string key;
  std::string message;
  const char* hex;
};

TEST(HmacTest, GivesThePublishedValues) {
  const Vector vectors[] = {
      {"RFC 4231 4.2", std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"RFC 4231 4.3", "Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {"RFC 4231 4.4", std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {"RFC 4231 4.7", std::string(131, '\xaa'),
       "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"}};
  for (const Vector& vector : vectors) {
    HmacBuilder whole(vector.key);
    whole.Add(vector.message);
    EXPECT_EQ(whole.Finish().Hex(), vector.hex) << vector.section;
    HmacBuilder pieces(vector.key);
    for (const char byte : vector.message) pieces.Add({&byte, 1});
    EXPECT_EQ(pieces.Finish().Hex(), vector.hex) << vector.section;
  }
}

TEST(EqualsSecretTest, OnlyTheSameBytesAreEqual) {
  const std::string secret("a\0b", 3);
  EXPECT_TRUE(EqualsSecret(secret, secret));
  EXPECT_TRUE(EqualsSecret("", ""));
  for (const std::string& other :
       {std::string("a"), std::string("a\0c", 3), std::string("a\0b\0", 4),
        std::string("A\0b", 3), std::string()}) {
    EXPECT_FALSE(EqualsSecret(other, secret));
  }
}

}  // namespace
}  // namespace orrery::signing
