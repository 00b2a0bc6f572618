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
 * Messages that go out at once: a wish to be contacted, a form to be corrected, a coordinator's reminder in own words.
 *
 * Everything else waits for the day's message ({@see digest}). Restored sessions send none.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class notifications {
    /** @var int seconds after which it is tried again to tell somebody who cannot come to the session now */
    private const AGAIN = HOURSECS;

    /**
     * Arranges a message about a submission, sent by cron.
     *
     * @param string $name needscorrection or contactrequest
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
     * @param string $name needscorrection or contactrequest
     * @param int $submissionid
     */
    public static function about_submission(string $name, int $submissionid): void {
        global $DB;
        $submission = $DB->get_record('monitoringsession_submission', ['id' => $submissionid]);
        $session = $submission ? self::session((int)$submission->monitoringsession) : null;
        if (!$session) {
            return;
        }
        if ($name === 'contactrequest') {
            // The wish stands, also when the form was submitted once more since.
            $heard = self::contact_request($session, $submission);
            if (!$heard && $submission->state !== submissions::SUPERSEDED) {
                // Its author reads so on the session's page; whoever comes to coordinate is told.
                self::queue($name, $submission, DAYSECS);
            }
        } else if ($submission->state === submissions::REOPENED) {
            self::needs_correction($session, $submission);
        }
    }

    /**
     * Tells the author that a form is to be corrected; whoever cannot come to it now is told when they can.
     *
     * @param session $session
     * @param \stdClass $submission
     */
    private static function needs_correction(session $session, \stdClass $submission): void {
        $user = \core_user::get_user($submission->userid);
        if (!$user || $user->deleted || !$session->accepts((int)$user->id, $submission->role)) {
            return;
        }
        if ($user->suspended || !self::may_open($session, (int)$user->id)) {
            self::queue('needscorrection', $submission, self::AGAIN);
            return;
        }
        self::in_language_of($user, function () use ($user, $session, $submission): void {
            $facts = self::facts($session, ['form' => definition::title_of($submission)]);
            $form = ['instrument' => $submission->instrument, 'group' => (int)$submission->groupid];
            $url = digest::form_url($session, $form);
            $letter = new letter($user, $session->course);
            $letter->say(get_string('message_needscorrection_text', 'mod_monitoringsession', $facts));
            $letter->say(get_string('message_correct', 'mod_monitoringsession', $facts), $url);
            $letter->answer_to(self::coordinator_for($session, $user, (int)$submission->groupid));
            $subject = get_string('message_needscorrection_subject', 'mod_monitoringsession', $facts);
            $letter->send('needscorrection', $subject, $url, $facts->session);
        });
    }

    /**
     * Tells at once that somebody wants to be contacted, with the way to that person.
     *
     * @param session $session
     * @param \stdClass $submission
     * @return bool whether anybody was there to be told
     */
    public static function contact_request(session $session, \stdClass $submission): bool {
        $author = \core_user::get_user($submission->userid, '*', MUST_EXIST);
        $heard = false;
        foreach (contacts::of($session, (int)$author->id, (int)$submission->groupid) as $user) {
            self::in_language_of($user, function () use ($user, $author, $session): void {
                $facts = self::facts($session, ['person' => fullname($author)]);
                $letter = new letter($user, $session->course);
                $letter->say(get_string('message_contactrequest_text', 'mod_monitoringsession', $facts));
                $letter->say($facts->session, self::home($session));
                $letter->answer_to($author, true);
                $subject = get_string('message_contactrequest_subject', 'mod_monitoringsession', $facts);
                $letter->send('contactrequest', $subject, self::home($session), $facts->session);
            });
            $heard = true;
        }
        return $heard;
    }

    /**
     * Arranges a coordinator's reminder to people whose forms are missing, in the background: there may be many.
     *
     * @param session $session
     * @param int[] $userids
     * @param string $text in the coordinator's words, may be empty
     * @param int $from who reminds
     * @return int how many will be reminded
     */
    public static function queue_reminders(session $session, array $userids, string $text, int $from): int {
        $missing = array_intersect_key(self::missing($session), array_flip($userids));
        foreach (array_chunk(array_keys($missing), 100) as $some) {
            $task = new \mod_monitoringsession\task\notify();
            $task->set_custom_data([
                'session' => (int)$session->row->id, 'people' => $some, 'text' => $text, 'from' => $from,
            ]);
            \core\task\manager::queue_adhoc_task($task);
        }
        return count($missing);
    }

    /**
     * Sends a coordinator's reminder to those whose forms are still missing.
     *
     * @param int $sessionid
     * @param int[] $userids
     * @param string $text
     * @param int $from
     */
    public static function remind(int $sessionid, array $userids, string $text, int $from): void {
        $session = self::session($sessionid);
        $sender = \core_user::get_user($from);
        if (!$session || !$sender || $sender->deleted) {
            return;
        }
        foreach (array_intersect_key(self::missing($session), array_flip($userids)) as $userid => $forms) {
            $user = \core_user::get_user($userid);
            try {
                self::in_language_of($user, fn() => self::write_reminder($session, $user, $forms, $text, $sender));
            } catch (\Throwable $error) {
                mtrace("Session $sessionid, user $userid: " . $error->getMessage());
            }
        }
    }

    /**
     * Writes and sends one reminder, in the current language.
     *
     * @param session $session
     * @param \stdClass $user
     * @param array[] $forms instrument, group, title, due
     * @param string $text
     * @param \stdClass $sender
     */
    private static function write_reminder(
        session $session,
        \stdClass $user,
        array $forms,
        string $text,
        \stdClass $sender
    ): void {
        $facts = self::facts($session, []);
        $letter = new letter($user, $session->course);
        $letter->say(trim($text) === '' ? get_string('message_reminder_text', 'mod_monitoringsession', $facts) : trim($text));
        $lines = [];
        foreach ($forms as $form) {
            $line = $form['title'];
            if ($form['due']) {
                $string = $form['due'] < time() ? 'message_reminder_over' : 'message_reminder_due';
                $line .= ' – ' . get_string($string, 'mod_monitoringsession', digest::moment($form['due'], $user));
            }
            $lines[] = [$line, digest::form_url($session, $form)];
        }
        $letter->list("$facts->session, $facts->course", self::home($session), $lines);
        $letter->answer_to($sender, true);
        $subject = get_string('message_reminder_subject', 'mod_monitoringsession', $facts);
        $letter->send('reminder', $subject, self::home($session), $facts->session, $sender);
    }

    /**
     * Mentees and mentors who have forms to fill in, may still submit them and can come to the session.
     *
     * @param session $session
     * @return array[] forms (instrument, group, title, due) by user id
     */
    public static function missing(session $session): array {
        $running = extensions::running((int)$session->row->id);
        $own = extensions::of($session->row);
        $found = [];
        $grid = grid::of($session, null, ['mentee', 'mentor']);
        foreach ($grid->lines as $line) {
            $userid = (int)$line['user']->id;
            $able = $session->opened() && $session->takes($userid, $line['role'], $running);
            foreach ($able && !isset($line['left']) ? $line['cells'] : [] as $instrument => $cell) {
                if ($cell['expected'] && in_array($cell['state'], ['missing', 'draft', 'correction'])) {
                    $due = (int)($own[$userid] ?? $session->row->due);
                    $found[$userid][] = [
                        'instrument' => $instrument,
                        'group' => $grid->definitions[$instrument]->for_course() ? 0 : (int)$line['group'],
                        'title' => $grid->definitions[$instrument]->title(),
                        'due' => $due ? max($due, (int)$cell['due']) : 0,
                    ];
                }
            }
        }
        return array_filter($found, fn(int $userid): bool => self::may_open($session, $userid), ARRAY_FILTER_USE_KEY);
    }

    /**
     * Whether somebody can come to a session: course and activity are shown to them, and nothing restricts them.
     *
     * @param session $session
     * @param int $userid
     * @return bool
     */
    public static function may_open(session $session, int $userid): bool {
        $cm = get_fast_modinfo($session->course, $userid)->cms[$session->cm->id] ?? null;
        return $cm && $cm->uservisible && can_access_course($session->course, $userid, '', true);
    }

    /**
     * The page of a session.
     *
     * @param session $session
     * @return \moodle_url
     */
    public static function home(session $session): \moodle_url {
        return new \moodle_url('/mod/monitoringsession/view.php', ['id' => $session->cm->id]);
    }

    /**
     * Does something in the language of a reader.
     *
     * @param \stdClass $user
     * @param callable $act
     */
    public static function in_language_of(\stdClass $user, callable $act): void {
        $before = force_current_language($user->lang);
        try {
            $act();
        } finally {
            force_current_language($before);
        }
    }

    /**
     * What every text may name, as the reader sees it.
     *
     * @param session $session
     * @param array $more
     * @return \stdClass
     */
    private static function facts(session $session, array $more): \stdClass {
        return (object)($more + [
            'session' => $session->shown($session->row->name),
            'course' => $session->shown($session->course->fullname),
        ]);
    }

    /**
     * A coordinator whom the author of a form can ask.
     *
     * @param session $session
     * @param \stdClass $user
     * @param int $groupid of the form
     * @return \stdClass|null
     */
    private static function coordinator_for(session $session, \stdClass $user, int $groupid): ?\stdClass {
        foreach (people::of($session)->in_role('coordinator') as $one) {
            $form = (object)['role' => 'mentee', 'userid' => $user->id, 'groupid' => $groupid];
            if ($one->id != $user->id && (new access($session, (int)$one->id))->variant($form) === 'full') {
                return $one;
            }
        }
        return null;
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
}
