"""A node of libtorrent's DHT that knows one other node. Tells on standard error what comes to pass:

    listens 127.0.0.2:40001   its own address
    table 127.0.0.1:4128      is in its routing table
    found 127.0.0.2:40001     was named as a peer of the wanted info-hash
    stores 127.0.0.1:4128 ab  has announced the info-hash ab here
    asked 20 times            without an end

Each line is told once. Goes on until it is killed.
"""

import argparse
import socket
import struct
import sys
import time

import libtorrent

SETTINGS = {
    # Nobody but the node that is named on the command line.
    "dht_bootstrap_nodes": "",
    "enable_dht": True,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    # Several nodes of one address, which is not a public one.
    "dht_restrict_routing_ips": False,
    "dht_restrict_search_ips": False,
    "dht_ignore_dark_internet": False,
    "dht_enforce_node_id": False,
    "dht_prefer_verified_node_ids": False,
    # It would stop hearing whoever sends it more than five datagrams a second, itself included.
    "dht_block_ratelimit": 100000,
    "dht_upload_rate_limit": 10000000,
    "alert_mask": libtorrent.alert.category_t.dht_notification
    | libtorrent.alert.category_t.dht_operation_notification,
}
SECONDS_BETWEEN_ROUNDS = 0.2


def text_of(compact):
    """Of a contact in the saved state of the table: four octets of address and two of port."""
    return "%s:%d" % (socket.inet_ntoa(compact[:4]), struct.unpack(">H", compact[4:6])[0])


class Node:
    def __init__(self, options):
        address, port = options.through.split(":")
        self.through = (address, int(port))
        self.wanted = options.find and libtorrent.sha1_hash(bytes.fromhex(options.find))
        self.told = set()
        self.session = libtorrent.session(
            dict(SETTINGS, listen_interfaces=options.listen + ":0"))
        self.tell("listens %s:%d" % (options.listen, self.session.listen_port()))
        self.torrent = options.announce and self.session.add_torrent(
            self.torrent_of(options.announce, options.folder))

    @staticmethod
    def torrent_of(info_hash, folder):
        torrent = libtorrent.parse_magnet_uri("magnet:?xt=urn:btih:" + info_hash)
        torrent.save_path = folder
        return torrent

    def tell(self, line):
        if line not in self.told:
            self.told.add(line)
            print(line, file=sys.stderr, flush=True)

    def tell_table(self):
        state = self.session.save_state(libtorrent.save_state_flags_t.save_dht_state)
        known = state.get(b"dht state", {}).get(b"nodes", [])
        for contact in known:
            self.tell("table " + text_of(contact))
        return bool(known)

    def tell_events(self):
        for alert in self.session.pop_alerts():
            if isinstance(alert, libtorrent.dht_get_peers_reply_alert):
                for peer in alert.peers():
                    self.tell("found %s:%d" % peer)
            elif isinstance(alert, libtorrent.dht_announce_alert):
                self.tell("stores %s:%d %s" % (alert.ip, alert.port, alert.info_hash))

    def run(self):
        asked = 0
        while True:
            if not self.tell_table():
                self.session.add_dht_node(self.through)
            if self.torrent:
                self.torrent.force_dht_announce()
            if self.wanted:
                self.session.dht_get_peers(self.wanted)
            time.sleep(SECONDS_BETWEEN_ROUNDS)
            self.tell_events()
            asked += 1
            if asked == 20:
                self.tell("asked 20 times")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", required=True, help="address, on a port that is free")
    parser.add_argument("--through", required=True, help="address:port of the node that it knows")
    parser.add_argument("--announce", help="info-hash of a torrent of its own")
    parser.add_argument("--find", help="info-hash whose peers it asks for")
    parser.add_argument("--folder", default=".", help="of its torrent")
    Node(parser.parse_args()).run()


main()
