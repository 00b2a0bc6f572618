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

defined('MOODLE_INTERNAL') || die();

require_once($CFG->libdir . '/filelib.php');

/**
 * The only place that makes HTTP calls: signed JSON to the configured address, following no redirects.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class service {
    /** @var int version of the contract spoken here */
    public const CONTRACT = 2;

    /**
     * Sends a message signed with the shared secret of the pairing.
     *
     * @param string $path such as /api/ping
     * @param array $message without contract and site, which are added
     * @param int $seconds time to wait for the answer
     * @return reply
     */
    public static function call(string $path, array $message, int $seconds = 15): reply {
        global $CFG;
        if (!pairing::active()) {
            return new reply(0, [], get_string('notpaired', 'mod_monitoringsession'));
        }
        $body = json::encode(['contract' => self::CONTRACT, 'site' => $CFG->wwwroot] + $message);
        $key = signing::key_of_secret((string)get_config('mod_monitoringsession', 'secret'));
        $base = (string)get_config('mod_monitoringsession', 'serviceurl');
        return self::post($base, $path, $key, signing::new_id(), $body, $seconds);
    }

    /**
     * Posts a body as it is.
     *
     * @param string $base the service's address
     * @param string $path
     * @param string $key signing key, bytes
     * @param string $id webhook-id, the same on every resend
     * @param string $body JSON
     * @param int $seconds time to wait for the answer
     * @return reply
     */
    public static function post(string $base, string $path, string $key, string $id, string $body, int $seconds): reply {
        $curl = new \curl(['ignoresecurity' => (bool)get_config('mod_monitoringsession', 'ignoresecurity')]);
        $now = time();
        $curl->setHeader([
            'Content-Type: application/json',
            'Accept: application/json',
            'Expect:',
            "webhook-id: $id",
            "webhook-timestamp: $now",
            'webhook-signature: ' . signing::signature($key, $id, $now, $body),
        ]);
        $answer = $curl->post(rtrim($base, '/') . $path, $body, [
            'CURLOPT_TIMEOUT' => $seconds,
            'CURLOPT_CONNECTTIMEOUT' => min(2, $seconds),
            'CURLOPT_FOLLOWLOCATION' => 0,
            'CURLOPT_MAXREDIRS' => 0,
        ]);
        // A call that Moodle's own HTTP security blocks has neither an error number nor a status.
        $status = (int)($curl->get_info()['http_code'] ?? 0);
        if ($status === 0) {
            $reason = $curl->get_errno() ? (string)$curl->error : get_string('errorblocked', 'mod_monitoringsession');
            return new reply(0, [], \core_text::substr($reason, 0, 250));
        }
        $decoded = json::decode(is_string($answer) ? $answer : '');
        if ($status >= 200 && $status < 300) {
            return new reply($status, $decoded, '');
        }
        $detail = is_string($decoded['detail'] ?? null) ? $decoded['detail'] : '';
        return new reply($status, $decoded, trim("HTTP $status " . \core_text::substr(clean_param($detail, PARAM_TEXT), 0, 200)));
    }
}
