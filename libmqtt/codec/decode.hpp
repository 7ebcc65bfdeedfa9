#pragma once

#include "libmqtt/base/error.hpp"
#include "libmqtt/codec/framer.hpp"
#include "libmqtt/codec/packet.hpp"

namespace mqtt {

/// Decodes one frame. `version` is the connection's; a CONNECT brings its own. The packet owns its
/// bytes: they are copied once, at exact size, out of the frame. All of them are slices of that one
/// block, so what is to outlive the packet by long is better copied. Errors are what a 5.0 server
/// answers: malformed_packet for bytes that break the format, protocol_error,
/// unsupported_protocol_version for a CONNECT, topic_name_invalid / topic_filter_invalid, and so
/// on; 3.1.1 just closes.
Result<Packet> decode(Version version, const FrameView& frame);

/// The hot path of decode: the frame is a PUBLISH.
Result<Publish> decode_publish(Version version, const FrameView& frame);

/// The version in which a CONNECT that decode() refused can be answered: 5.0 where its protocol
/// level says so or is a later one, else 3.1.1 (whose CONNACK every older client reads).
Version answer_version(const FrameView& connect);

}  // namespace mqtt
