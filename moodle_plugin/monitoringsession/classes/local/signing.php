<?php
// This file is part of Moodle - http://moodle.org/
//
// Moodle is free software: you can redistribute it and/or modify
// it under the terms of the GNU General Public License as published by
// the Free Software Foundation, either version 3 of the License, or
// (at your option) any later version.
//
// Moodle is distributed in the hope that it will be useful,
// but WITHOUT ANY WARRANTY; without even the implied warranty of
// MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
// GNU General Public License for more details.
//
// You should have received a copy of the GNU General Public License
// along with Moodle.  If not, see <http://www.gnu.org/licenses/>.

namespace mod_monitoringsession\local;

/**
 * Signatures of the contract: Standard Webhooks (https://www.standardwebhooks.com) with HMAC-SHA256.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class signing {
    /**
     * The key inside a shared secret.
     *
     * @param string $secret whsec_ followed by base64
     * @return string bytes
     */
    public static function key_of_secret(string $secret): string {
        return (string)base64_decode(substr($secret, strlen('whsec_')), true);
    }

    /**
     * The key made from a one-time pairing code; the code itself never travels.
     *
     * Crockford base32: capitals, without hyphens and spaces; I and L are read as 1, O as 0.
     *
     * @param string $code as the administrator typed it
     * @return string bytes
     */
    public static function key_of_code(string $code): string {
        return hash('sha256', 'monitoringsession-pairing:' . self::normalise_code($code), true);
    }

    /**
     * The pairing code as it was printed, without what people add.
     *
     * @param string $code
     * @return string
     */
    public static function normalise_code(string $code): string {
        return strtr(preg_replace('/[^0-9A-Z]/', '', strtoupper($code)), ['I' => '1', 'L' => '1', 'O' => '0']);
    }

    /**
     * The value of the header webhook-signature.
     *
     * @param string $key bytes
     * @param string $id webhook-id
     * @param int $timestamp webhook-timestamp
     * @param string $body exactly as sent
     * @return string
     */
    public static function signature(string $key, string $id, int $timestamp, string $body): string {
        return 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    }

    /**
     * A fresh webhook-id.
     *
     * @return string
     */
    public static function new_id(): string {
        return 'msg_' . bin2hex(random_bytes(16));
    }
}
