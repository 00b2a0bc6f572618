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
 * Hints to the service: written with the change they tell of, sent at once, and again until they arrive.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class outbox {
    /** @var int seconds a person may wait for the service after pressing Submit */
    private const PATIENCE = 2;

    /** @var int seconds without an immediate attempt after one that failed */
    private const PAUSE = 60;

    /** @var int[] answers that refuse one message and say nothing about the next */
    private const ABOUT_ONE = [400, 413, 415, 422];

    /** @var int[] rows written by this request */
    private static array $fresh = [];

    /** @var bool whether the sending at the end of this request is arranged */
    private static bool $armed = false;

    /**
     * Writes a hint; call it in the transaction that makes the change.
     *
     * @param string $type of the contract, such as submission.saved
     * @param array $data ids only
     * @param int $courseid
     * @param int $userid the person the hint is about or whose action caused it
     */
    public static function add(string $type, array $data, int $courseid = 0, int $userid = 0): void {
        global $CFG, $DB;
        if (!pairing::active()) {
            return;
        }
        $now = time();
        $payload = json::encode([
            'contract' => service::CONTRACT,
            'type' => $type,
            'site' => $CFG->wwwroot,
            'timestamp' => $now,
            'data' => $data,
        ]);
        if ($type === 'participants.changed') {
            // A thousand enrolments are one hint.
            $waiting = ['type' => $type, 'course' => $courseid, 'state' => 'waiting'];
            if ($DB->record_exists('monitoringsession_outbox', $waiting)) {
                return;
            }
        }
        self::$fresh[] = $DB->insert_record('monitoringsession_outbox', (object)[
            'msgid' => signing::new_id(),
            'type' => $type,
            'course' => $courseid,
            'userid' => $userid,
            'payload' => $payload,
            'state' => 'waiting',
            'attempts' => 0,
            'timecreated' => $now,
            'timedelivered' => 0,
        ]);
        \core\task\manager::queue_adhoc_task(new \mod_monitoringsession\task\deliver(), true);
        if (!self::$armed && !CLI_SCRIPT) {
            self::$armed = true;
            \core_shutdown_manager::register_function([self::class, 'send_fresh']);
        }
    }

    /**
     * At the end of the request: one quick attempt for what this request wrote.
     */
    public static function send_fresh(): void {
        global $DB;
        $ids = self::$fresh;
        self::$fresh = [];
        if (!$ids || $DB->is_transaction_started() || time() < (int)get_config('mod_monitoringsession', 'pauseuntil')) {
            return;
        }
        // The next page of this person shall not wait for this one; under PHP-FPM the answer is on its way already.
        \core\session\manager::write_close();
        if (function_exists('fastcgi_finish_request')) {
            fastcgi_finish_request();
        }
        foreach ($DB->get_records_list('monitoringsession_outbox', 'id', $ids, 'id') as $row) {
            if ($row->state === 'waiting' && !self::send($row, self::PATIENCE)->accepted()) {
                set_config('pauseuntil', time() + self::PAUSE, 'mod_monitoringsession');
                return;
            }
        }
    }

    /**
     * Sends everything that waits, oldest first, until the service cannot be reached or refuses everything.
     *
     * @param int $seconds stop starting new attempts after so long
     * @return string what stopped it; empty when all is sent
     */
    public static function drain(int $seconds = 120): string {
        global $DB;
        if (!pairing::active()) {
            return '';
        }
        $lock = \core\lock\lock_config::get_lock_factory('mod_monitoringsession')->get_lock('outbox', 0);
        if (!$lock) {
            return '';
        }
        try {
            $end = time() + $seconds;
            $last = 0;
            $error = '';
            while (time() < $end) {
                $where = "state = 'waiting' AND id > ?";
                $rows = $DB->get_records_select('monitoringsession_outbox', $where, [$last], 'id', '*', 0, 100);
                if (!$rows) {
                    break;
                }
                foreach ($rows as $row) {
                    $last = (int)$row->id;
                    $reply = self::send($row, 10);
                    if (!$reply->accepted()) {
                        $error = $reply->error;
                        if (!in_array($reply->status, self::ABOUT_ONE)) {
                            return $error;
                        }
                    }
                    if (time() >= $end) {
                        break;
                    }
                }
            }
            return $error;
        } finally {
            $lock->release();
        }
    }

    /**
     * One attempt.
     *
     * @param \stdClass $row of the outbox
     * @param int $seconds time to wait
     * @return reply
     */
    private static function send(\stdClass $row, int $seconds): reply {
        global $DB;
        $key = signing::key_of_secret((string)get_config('mod_monitoringsession', 'secret'));
        $base = (string)get_config('mod_monitoringsession', 'serviceurl');
        $reply = service::post($base, '/webhooks/moodle', $key, $row->msgid, $row->payload, $seconds);
        $ok = $reply->accepted();
        $DB->update_record('monitoringsession_outbox', (object)[
            'id' => $row->id,
            'state' => $ok ? 'sent' : 'waiting',
            'attempts' => min(99999, $row->attempts + 1),
            'lasterror' => $ok ? null : \core_text::substr($reply->error, 0, 255),
            'timedelivered' => $ok ? time() : 0,
        ]);
        if ($ok && get_config('mod_monitoringsession', 'pauseuntil')) {
            // It is back: the next person who presses Submit need not wait for a task.
            set_config('pauseuntil', 0, 'mod_monitoringsession');
        }
        $refusal = in_array($reply->status, [401, 403, 409]) ? $reply->error . ' ' . $reply->remedy() : '';
        if ($refusal !== (string)get_config('mod_monitoringsession', 'lastrefusal')) {
            set_config('lastrefusal', $refusal, 'mod_monitoringsession');
        }
        return $reply;
    }

    /**
     * How many hints wait, since when, and why.
     *
     * @return \stdClass waiting, since, lasterror
     */
    public static function state(): \stdClass {
        global $DB;
        $oldest = $DB->get_records('monitoringsession_outbox', ['state' => 'waiting'], 'id', '*', 0, 1);
        $oldest = reset($oldest) ?: null;
        return (object)[
            'waiting' => $DB->count_records('monitoringsession_outbox', ['state' => 'waiting']),
            'since' => (int)($oldest->timecreated ?? 0),
            'lasterror' => (string)($oldest->lasterror ?? ''),
        ];
    }
}
