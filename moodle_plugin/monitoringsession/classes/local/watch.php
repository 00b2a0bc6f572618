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
 * Asks the service how it is, and tells the administrators what rings: there and on the way to it.
 *
 * An alarm is what the contract calls so: code, severity, since, reason and remedy in every language.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class watch {
    /** @var int seconds for which something has to ring before anybody is told: what passes by itself wakes nobody */
    private const PATIENCE = 4 * MINSECS;

    /** @var int seconds after which what still rings is told again */
    private const REPEAT = DAYSECS;

    /** @var int seconds for which a hint may wait for the service */
    private const LATE = 15 * MINSECS;

    /** @var string[] languages that the plugin brings */
    private const LANGUAGES = ['bg', 'en'];

    /**
     * Looks once, and tells what is new, what still rings after a day, and that all is well again.
     *
     * @param int $now
     */
    public static function look(int $now): void {
        if (!pairing::active()) {
            return;
        }
        $known = array_column(self::known(), null, 'code');
        $ringing = [];
        foreach (self::ringing($now) as $alarm) {
            $before = $known[$alarm['code']] ?? [];
            $alarm['since'] = (int)($alarm['since'] ?: $before['since'] ?? $now);
            $ringing[] = $alarm + ['seen' => $before['seen'] ?? $now, 'told' => $before['told'] ?? 0];
        }
        $due = fn(array $alarm): bool => $alarm['told']
            ? $now - $alarm['told'] >= self::REPEAT
            : $now - $alarm['seen'] >= self::PATIENCE;
        if (array_filter($ringing, $due)) {
            // Together with what is new everybody reads what else rings.
            self::tell($ringing);
            $ringing = array_map(fn(array $alarm): array => ['told' => $now] + $alarm, $ringing);
        } else if (!$ringing && array_filter(array_column($known, 'told'))) {
            self::tell([]);
        }
        set_config('watched', $now, 'mod_monitoringsession');
        set_config('alarms', json::encode($ringing), 'mod_monitoringsession');
    }

    /**
     * What rang when it was last looked.
     *
     * @return array[] alarms
     */
    public static function known(): array {
        return array_values(array_filter(json::decode((string)get_config('mod_monitoringsession', 'alarms')), 'is_array'));
    }

    /**
     * What rings now.
     *
     * @param int $now
     * @return array[] alarms, the worst first
     */
    private static function ringing(int $now): array {
        $reply = service::call('/api/ping', []);
        if (!$reply->accepted()) {
            $code = $reply->status >= 400 && $reply->status < 500 ? 'servicerefuses' : 'servicesilent';
            return [self::own($code, 'critical', 0, $reply->error, $reply->body['remedy'] ?? [])];
        }
        $found = [];
        $moodle = (array)($reply->body['moodle'] ?? []);
        if (empty($moodle['reachable'])) {
            $found[] = self::own('moodleaway', 'critical', 0, $moodle['message'] ?? '', $moodle['remedy'] ?? []);
        }
        foreach ((array)($reply->body['alarms'] ?? []) as $alarm) {
            $found[] = [
                'code' => clean_param($alarm['code'] ?? '', PARAM_ALPHANUMEXT),
                'severity' => clean_param($alarm['severity'] ?? 'warning', PARAM_ALPHA),
                'since' => (int)($alarm['since'] ?? 0),
                'reason' => (array)($alarm['reason'] ?? []),
                'remedy' => (array)($alarm['remedy'] ?? []),
            ];
        }
        $state = outbox::state();
        if ($state->waiting && $state->since < $now - self::LATE) {
            $found[] = self::own('hintswait', 'warning', $state->since, $state->lasterror);
        }
        return $found;
    }

    /**
     * An alarm of this side.
     *
     * @param string $code
     * @param string $severity
     * @param int $since 0 = since it was first seen
     * @param string $why
     * @param mixed $remedy what the service advises, by language; empty = the plugin's own words
     * @return array
     */
    private static function own(string $code, string $severity, int $since, string $why, $remedy = []): array {
        $texts = [];
        foreach (self::LANGUAGES as $language) {
            foreach (['reason', 'remedy'] as $part) {
                $texts[$part][$language] = trim(get_string_manager()->get_string(
                    "alarm_{$code}_$part",
                    'mod_monitoringsession',
                    $why,
                    $language
                ));
            }
        }
        return ['code' => $code, 'severity' => $severity, 'since' => $since, 'reason' => $texts['reason'],
            'remedy' => is_array($remedy) && $remedy ? $remedy : $texts['remedy']];
    }

    /**
     * Tells every administrator, in their language, what rings; that all is well again when nothing does.
     *
     * @param array[] $alarms
     */
    private static function tell(array $alarms): void {
        $url = (new \moodle_url('/mod/monitoringsession/connection.php'))->out(false);
        foreach (get_admins() as $user) {
            $before = force_current_language($user->lang);
            $lines = array_map(fn(array $alarm): string => texts::pick($alarm['reason']) . ' ' . get_string(
                'alarmsince',
                'mod_monitoringsession',
                userdate((int)$alarm['since'], '', \core_date::get_user_timezone($user))
            ) . "\n" . texts::pick($alarm['remedy']), $alarms);
            $name = $alarms ? 'servicealarm' : 'servicewell';
            $message = new \core\message\message();
            $message->component = 'mod_monitoringsession';
            $message->name = 'servicealarm';
            $message->userfrom = \core_user::get_noreply_user();
            $message->userto = $user;
            $message->subject = get_string("message_{$name}_subject", 'mod_monitoringsession', count($alarms));
            $message->fullmessage = implode("\n\n", [
                get_string("message_{$name}_text", 'mod_monitoringsession'), ...$lines, $url,
            ]);
            $message->fullmessageformat = FORMAT_PLAIN;
            $message->fullmessagehtml = nl2br(s($message->fullmessage));
            $message->smallmessage = $message->subject;
            $message->notification = 1;
            $message->contexturl = $url;
            $message->contexturlname = get_string('connection', 'mod_monitoringsession');
            message_send($message);
            force_current_language($before);
        }
    }
}
