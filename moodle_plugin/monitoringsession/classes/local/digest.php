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
 * One message per person, course and day with everything that is new in the course's sessions.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class digest {
    /** @var int days for which a session that was closed can still have news */
    private const AFTERWARDS = 30;

    /** @var int most names in one line */
    private const NAMES = 12;

    /**
     * Sends what is to be sent now. What goes wrong in one course, session or message stops no other.
     *
     * @return int how many messages
     */
    public static function send_all(): int {
        global $DB;
        $now = time();
        $rows = $DB->get_recordset_select(
            'monitoringsession',
            'opens > 0 AND opens <= ? AND (closed = 0 OR closed > ?)',
            [$now, $now - self::AFTERWARDS * DAYSECS],
            'course, opens, id',
            'id, course, uuid'
        );
        $courses = [];
        foreach ($rows as $row) {
            $courses[$row->course][] = $row->uuid;
        }
        $rows->close();
        $sent = 0;
        foreach ($courses as $courseid => $uuids) {
            $sent += self::send_course((int)$courseid, $uuids, $now);
        }
        return $sent;
    }

    /**
     * Sends the messages of a course.
     *
     * @param int $courseid
     * @param string[] $uuids of its sessions
     * @param int $now
     * @return int how many
     */
    private static function send_course(int $courseid, array $uuids, int $now): int {
        $last = told::last($courseid);
        $found = [];
        foreach (session::of_uuids($uuids) as $session) {
            try {
                $found[] = [$session, news::of($session, $last, $now)];
            } catch (\Throwable $error) {
                mtrace("Session {$session->row->id}: " . $error->getMessage());
            }
        }
        // In the order in which they opened.
        usort($found, fn($a, $b) => [$a[0]->row->opens, $a[0]->row->id] <=> [$b[0]->row->opens, $b[0]->row->id]);
        $byperson = [];
        foreach ($found as [$session, $news]) {
            foreach ($news->by_person() as $userid => $items) {
                $byperson[$userid][] = [$session, $news, $items];
            }
        }
        $sent = 0;
        foreach ($byperson as $userid => $parts) {
            try {
                $sent += (int)self::send($userid, $parts, $now);
            } catch (\Throwable $error) {
                mtrace("Session {$parts[0][0]->row->id}, user $userid: " . $error->getMessage());
            }
        }
        return $sent;
    }

    /**
     * Sends one message, if there is anything in it that is in a hurry or has waited for the morning.
     *
     * @param int $userid
     * @param array[] $parts lists of session, news and items
     * @param int $now
     * @return bool whether it was sent
     */
    private static function send(int $userid, array $parts, int $now): bool {
        global $DB;
        $ripe = fn(array $part): bool => (bool)array_filter(
            $part[2],
            fn(array $item) => $item['since'] === null || $part[1]->clock($userid)->ripe($item['since'])
        );
        if (!array_filter($parts, $ripe)) {
            return false;
        }
        $parts = array_values(array_filter($parts, fn(array $part) => notifications::may_open($part[0], $userid)));
        $user = $parts && array_filter($parts, $ripe) ? \core_user::get_user($userid) : null;
        if (!$user || $user->deleted || $user->suspended) {
            return false;
        }
        // The message and the marks together: both or neither.
        $transaction = $DB->start_delegated_transaction();
        foreach ($parts as [$session, , $items]) {
            $marks = array_map(fn(array $item): array => [$item['what'], $item['item']], $items);
            told::mark((int)$session->row->id, $userid, $marks, $now);
        }
        notifications::in_language_of($user, fn() => self::write($user, $parts));
        $transaction->allow_commit();
        return true;
    }

    /**
     * Writes and sends the message, in the current language.
     *
     * @param \stdClass $user
     * @param array[] $parts lists of session, news and items
     */
    private static function write(\stdClass $user, array $parts): void {
        $first = $parts[0][0];
        $letter = new letter($user, $first->course);
        $forms = [];
        $home = null;
        foreach ($parts as [$session, , $items]) {
            $url = notifications::home($session);
            $lines = self::lines($session, $items, $user);
            if ($lines) {
                $letter->list($session->shown($session->row->name), $url, $lines);
                $home ??= [$url, $session->shown($session->row->name)];
            }
            foreach ($items as $item) {
                if (in_array($item['what'], [told::OPENED, told::DUE]) && isset($item['facts']['title'])) {
                    $form = $item['facts'];
                    $forms["{$session->row->id}-{$form['instrument']}-{$form['group']}"] = $form['title'];
                }
            }
        }
        $letter->answer_to($parts[0][1]->answers_to((int)$user->id));
        $facts = (object)[
            'course' => $first->shown($first->course->fullname), 'form' => (string)reset($forms), 'count' => count($forms),
        ];
        $kind = count($forms) > 1 ? 'forms' : ($forms ? 'form' : 'news');
        $subject = get_string("message_digest_subject_$kind", 'mod_monitoringsession', $facts);
        $letter->send('digest', $subject, $home[0], $home[1]);
    }

    /**
     * What is new in a session, line by line, in the order in which it matters.
     *
     * @param session $session
     * @param array[] $items
     * @param \stdClass $user
     * @return array[] lists of text and address
     */
    private static function lines(session $session, array $items, \stdClass $user): array {
        $order = [told::DUE, told::OPENED, told::SIGNAL, told::CHANGED, told::CAME, told::MISSING, told::RECORD, told::DOCUMENT];
        $by = array_fill_keys($order, []);
        foreach ($items as $item) {
            if ($item['facts']) {
                $by[$item['what']][] = $item['facts'];
            }
        }
        $lines = [];
        foreach ([told::DUE, told::OPENED] as $what) {
            foreach ($by[$what] as $form) {
                $lines[] = [self::form($session, $what, $form, $user), self::form_url($session, $form)];
            }
        }
        if ($by[told::SIGNAL]) {
            $red = count(array_filter(array_column($by[told::SIGNAL], 'red')));
            $lines[] = [self::say($red ? 'signals_red' : 'signals', ['count' => count($by[told::SIGNAL]), 'red' => $red]), null];
        }
        foreach ($by[told::CHANGED] as $form) {
            $title = $form['group'] === '' ? $form['title'] : "{$form['title']} ({$form['group']})";
            $lines[] = [self::say('changed', ['form' => $title]), null];
        }
        foreach ($by[told::CAME] as $came) {
            $names = array_map(fn(array $one): string => fullname($one['user']) . " ({$one['title']})", $came['forms']);
            [$in, $of] = $came['counts'];
            $lines[] = [self::say($of ? 'came' : 'came_only', ['names' => self::some($names), 'in' => $in, 'of' => $of]), null];
        }
        foreach ($by[told::MISSING] as $one) {
            $lines[] = [self::say('missing', [
                'name' => fullname($one['user']),
                'forms' => implode(', ', $one['titles']),
                'due' => self::moment($one['due'], $user),
            ]), new \moodle_url('/user/view.php', ['id' => $one['user']->id, 'course' => $session->course->id])];
        }
        foreach ($by[told::RECORD] as $one) {
            $lines[] = [self::say('record', ['form' => self::in_group($session, $one)]), null];
        }
        foreach ($by[told::DOCUMENT] as $one) {
            $url = new \moodle_url('/mod/monitoringsession/submission.php', ['id' => $one['submission']]);
            $lines[] = [self::say('document', ['form' => self::in_group($session, $one)]), $url];
        }
        return $lines;
    }

    /**
     * What there is to say of a form to be filled in.
     *
     * @param session $session
     * @param string $what told::OPENED or told::DUE
     * @param array $form
     * @param \stdClass $user
     * @return string
     */
    private static function form(session $session, string $what, array $form, \stdClass $user): string {
        $facts = ['form' => self::in_group($session, $form), 'due' => self::moment((int)$form['due'], $user)];
        if ($what === told::OPENED) {
            return self::say($form['due'] ? ($form['due'] < time() ? 'opened_late' : 'opened') : 'opened_nodue', $facts);
        }
        if (!$form['over']) {
            return self::say('due', $facts);
        }
        $closes = $session->closes();
        return self::say($closes ? 'over_closes' : 'over', $facts + ['closes' => self::moment($closes, $user)]);
    }

    /**
     * The title of a form, with its group where its reader may have it in several.
     *
     * @param session $session
     * @param array $facts title and group
     * @return string
     */
    private static function in_group(session $session, array $facts): string {
        $group = count($session->groups()) > 1 && $facts['group'] ? $session->group_name($facts['group']) : '';
        return $group === '' ? $facts['title'] : "{$facts['title']}, $group";
    }

    /**
     * The address of a form.
     *
     * @param session $session
     * @param array $form
     * @return \moodle_url
     */
    public static function form_url(session $session, array $form): \moodle_url {
        return new \moodle_url('/mod/monitoringsession/form.php', [
            'id' => $session->cm->id, 'instrument' => $form['instrument'], 'group' => $form['group'],
        ]);
    }

    /**
     * A moment in the reader's time zone.
     *
     * @param int $time
     * @param \stdClass $user
     * @return string
     */
    public static function moment(int $time, \stdClass $user): string {
        $format = get_string('strftimedaydatetime', 'langconfig');
        return $time ? userdate($time, $format, \core_date::get_user_timezone($user)) : '';
    }

    /**
     * A line of the message.
     *
     * @param string $name
     * @param array $facts
     * @return string
     */
    private static function say(string $name, array $facts): string {
        return get_string("message_digest_$name", 'mod_monitoringsession', (object)$facts);
    }

    /**
     * Names, not more than can be read.
     *
     * @param string[] $names
     * @return string
     */
    private static function some(array $names): string {
        $more = count($names) - self::NAMES;
        return implode(', ', array_slice($names, 0, self::NAMES))
            . ($more > 0 ? ' ' . get_string('message_digest_more', 'mod_monitoringsession', $more) : '');
    }
}
