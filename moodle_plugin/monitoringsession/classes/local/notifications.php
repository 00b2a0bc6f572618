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
 * Messages to people. Restored sessions send none.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class notifications {
    /**
     * Arranges a message about a submission, sent by cron.
     *
     * @param string $name documentready, needscorrection or contactrequest
     * @param \stdClass $submission
     * @param int $delay seconds; with a delay a task for the same that is running now does not count
     * @return int id of the task, 0 for none
     */
    public static function queue(string $name, \stdClass $submission, int $delay = 0): int {
        if ((string)$submission->origin !== '') {
            return 0;
        }
        $task = new \mod_monitoringsession\task\notify();
        $task->set_custom_data(['message' => $name, 'submission' => (int)$submission->id]);
        $task->set_next_run_time(time() + $delay);
        return (int)\core\task\manager::queue_adhoc_task($task, !$delay);
    }

    /**
     * Sends a message about a submission, to its author or on their behalf.
     *
     * @param string $name documentready, needscorrection or contactrequest
     * @param int $submissionid
     */
    public static function about_submission(string $name, int $submissionid): void {
        global $DB;
        $submission = $DB->get_record('monitoringsession_submission', ['id' => $submissionid]);
        $user = $submission ? \core_user::get_user($submission->userid) : null;
        $session = $submission ? self::session((int)$submission->monitoringsession) : null;
        if ($user && $session && $name === 'contactrequest') {
            // The wish stands, also when the form was submitted once more since.
            $heard = self::contact_request($session, $submission);
            if (!$heard && $submission->state !== submissions::SUPERSEDED) {
                // Its author reads so on the session's page; whoever comes to coordinate is told.
                self::queue($name, $submission, DAYSECS);
            }
        } else if ($user && $session && $submission->state !== submissions::SUPERSEDED) {
            self::send($name, $user, $session, ['form' => definition::title_of($submission)]);
        }
    }

    /**
     * Tells at once that somebody wants to be contacted.
     *
     * @param session $session
     * @param \stdClass $submission
     * @return bool whether anybody was there to be told
     */
    public static function contact_request(session $session, \stdClass $submission): bool {
        $author = \core_user::get_user($submission->userid, '*', MUST_EXIST);
        $heard = false;
        foreach (contacts::of($session, (int)$author->id, (int)$submission->groupid) as $user) {
            self::send('contactrequest', $user, $session, ['person' => fullname($author)]);
            $heard = true;
        }
        return $heard;
    }

    /**
     * Tells everyone who has a form to fill in that the session has opened.
     */
    public static function announce(): void {
        global $DB;
        $now = time();
        $rows = $DB->get_records_select(
            'monitoringsession',
            "announced = 0 AND closed = 0 AND opens > 0 AND opens <= ? AND opens > ?",
            [$now, $now - WEEKSECS]
        );
        foreach ($rows as $row) {
            self::once('announced', 'formopen', (int)$row->id);
        }
    }

    /**
     * Reminds those whose forms are missing shortly before they are due: everybody before the own deadline.
     */
    public static function remind(): void {
        global $DB;
        $now = time();
        $days = (int)(get_config('mod_monitoringsession', 'reminderdays') ?: 2);
        $soon = [$now, $now + $days * DAYSECS, $now];
        $where = 'reminded = 0 AND closed = 0 AND due > ? AND due <= ? AND opens <= ?';
        foreach ($DB->get_records_select('monitoringsession', $where, $soon) as $row) {
            self::once('reminded', 'duesoon', (int)$row->id, (int)$row->due);
        }
        // More time goes on when the session is closed for the others.
        $own = $DB->get_records_sql(
            "SELECT e.id, e.monitoringsession, e.due
               FROM {monitoringsession_extension} e
               JOIN {monitoringsession} s ON s.id = e.monitoringsession
              WHERE e.reminded = 0 AND e.due > s.due AND e.due > ? AND e.due <= ? AND s.opens <= ?",
            $soon
        );
        foreach ($own as $extension) {
            $transaction = $DB->start_delegated_transaction();
            $DB->set_field('monitoringsession_extension', 'reminded', $now, ['id' => $extension->id]);
            self::queue_to_missing('duesoon', (int)$extension->monitoringsession, (int)$extension->due);
            $transaction->allow_commit();
        }
    }

    /**
     * Reminds everyone whose forms are missing, in the background: a course may have many people.
     *
     * @param \stdClass $row of monitoringsession
     * @return int how many will be reminded
     */
    public static function queue_reminders(\stdClass $row): int {
        self::queue_to_missing('duesoon', (int)$row->id);
        $session = self::session((int)$row->id);
        return $session ? count(self::lagging($session)) : 0;
    }

    /**
     * Marks that a message about a session has been sent, and arranges that it is: both or neither.
     *
     * @param string $mark announced or reminded
     * @param string $name message provider
     * @param int $sessionid
     * @param int $due only to those whose deadline this is, 0 = whatever their deadline
     */
    private static function once(string $mark, string $name, int $sessionid, int $due = 0): void {
        global $DB;
        $transaction = $DB->start_delegated_transaction();
        $DB->set_field('monitoringsession', $mark, time(), ['id' => $sessionid]);
        self::queue_to_missing($name, $sessionid, $due);
        $transaction->allow_commit();
    }

    /**
     * Arranges a message to everyone whose forms are missing; a task that is cut short begins again.
     *
     * @param string $name message provider
     * @param int $sessionid
     * @param int $due only to those whose deadline this is, 0 = whatever their deadline
     */
    private static function queue_to_missing(string $name, int $sessionid, int $due = 0): void {
        $task = new \mod_monitoringsession\task\notify();
        $task->set_custom_data(['message' => $name, 'session' => $sessionid, 'due' => $due]);
        \core\task\manager::queue_adhoc_task($task, true);
    }

    /**
     * Sends a message to everyone whose forms are missing.
     *
     * @param string $name message provider
     * @param int $sessionid
     * @param int $due only to those whose deadline this is, 0 = whatever their deadline
     * @return int how many were sent
     */
    public static function to_missing(string $name, int $sessionid, int $due = 0): int {
        $session = self::session($sessionid);
        if (!$session) {
            return 0;
        }
        $lagging = self::lagging($session);
        if ($due) {
            $own = extensions::of($session->row);
            $is = fn(int $userid): bool => ($own[$userid] ?? (int)$session->row->due) === $due;
            $lagging = array_filter($lagging, $is, ARRAY_FILTER_USE_KEY);
        }
        foreach ($lagging as $userid => $forms) {
            self::send($name, \core_user::get_user($userid), $session, ['form' => implode(', ', array_unique($forms))]);
        }
        return count($lagging);
    }

    /**
     * Those with missing forms who can come to the session and may still submit.
     *
     * @param session $session
     * @return array titles of the missing forms by user id
     */
    private static function lagging(session $session): array {
        if (!$session->cm->visible) {
            return [];
        }
        $missing = grid::of($session)->missing();
        if ($session->closed()) {
            $missing = array_intersect_key($missing, extensions::running((int)$session->row->id));
        }
        // Asking for each person costs what their whole course page costs: only where something restricts access.
        $section = $session->cm->get_section_info();
        if (!empty($session->cm->availability) || !empty($section->availability) || !empty($section->component)) {
            $missing = array_filter($missing, function (int $userid) use ($session): bool {
                $why = '';
                $info = new \core_availability\info_module(\cm_info::create($session->cm, $userid));
                return $info->is_available($why, false, $userid);
            }, ARRAY_FILTER_USE_KEY);
        }
        return $missing;
    }

    /**
     * The session with an instance id, if it still stands.
     *
     * @param int $id
     * @return session|null
     */
    private static function session(int $id): ?session {
        $cm = get_coursemodule_from_instance('monitoringsession', $id);
        return $cm && !$cm->deletioninprogress ? session::of_cm((int)$cm->id) : null;
    }

    /**
     * Sends one message in the language of its reader.
     *
     * @param string $name of the message provider
     * @param \stdClass $user
     * @param session $session
     * @param array $facts for the text
     */
    private static function send(string $name, \stdClass $user, session $session, array $facts): void {
        $before = force_current_language($user->lang);
        $url = new \moodle_url('/mod/monitoringsession/view.php', ['id' => $session->cm->id]);
        $due = $session->due_of((int)$user->id);
        $plain = ['context' => $session->context(), 'escape' => false];
        $facts = (object)($facts + [
            'session' => format_string($session->row->name, true, $plain),
            'course' => format_string($session->course->fullname, true, $plain),
            'due' => $due
                ? userdate($due, '', \core_date::get_user_timezone($user))
                : get_string('nodeadline', 'mod_monitoringsession'),
            'url' => $url->out(false),
        ]);
        $text = get_string("message_{$name}_text", 'mod_monitoringsession', $facts);
        $message = new \core\message\message();
        $message->component = 'mod_monitoringsession';
        $message->name = $name;
        $message->userfrom = \core_user::get_noreply_user();
        $message->userto = $user;
        $message->subject = get_string("message_{$name}_subject", 'mod_monitoringsession', $facts);
        $message->fullmessage = $text;
        $message->fullmessageformat = FORMAT_PLAIN;
        $message->fullmessagehtml = self::html($name, $facts);
        $message->smallmessage = $message->subject;
        $message->notification = 1;
        $message->contexturl = $url->out(false);
        $message->contexturlname = $facts->session;
        $message->courseid = $session->course->id;
        message_send($message);
        force_current_language($before);
    }

    /**
     * The text of a message with its address as a link.
     *
     * @param string $name of the message provider
     * @param \stdClass $facts for the text
     * @return string HTML
     */
    private static function html(string $name, \stdClass $facts): string {
        $address = $facts->url;
        $text = get_string("message_{$name}_text", 'mod_monitoringsession', (object)(['url' => ''] + (array)$facts));
        return \html_writer::tag('p', s(trim($text)))
            . \html_writer::tag('p', \html_writer::link($address, s($facts->session)));
    }
}
