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
 * Whose forms a push asks for that were not asked for before, or no longer: completion follows.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class expectations {
    /** @var int[] more and fewer forms than before, by user id */
    private array $more = [];

    /** @var int[] by user id */
    private array $fewer = [];

    /**
     * Constructor.
     *
     * @param session $session
     */
    public function __construct(
        /** @var session session */
        private readonly session $session,
    ) {
    }

    /**
     * Whether personal data count and remind the person.
     *
     * @param string $content personal.schema.json
     * @return bool
     */
    public static function expects(string $content): bool {
        return !preg_match('/"expected"\s*:\s*false/', $content) || (json::decode($content)['expected'] ?? true);
    }

    /**
     * Notes what becomes of one form.
     *
     * @param int $userid
     * @param \stdClass|null $before withdrawn and content; null for none
     * @param \stdClass $after
     */
    public function note(int $userid, ?\stdClass $before, \stdClass $after): void {
        $was = $before && isset($before->content) && !$before->withdrawn && self::expects($before->content);
        $is = !$after->withdrawn && self::expects($after->content);
        if ($is && !$was) {
            $this->more[$userid] = $userid;
        } else if ($was || !$before) {
            $this->fewer[$userid] = $userid;
        }
    }

    /**
     * Works out anew the completion of those whom it may concern: a thousand people are not touched for nothing.
     */
    public function tell(): void {
        global $DB;
        $users = $this->more + $this->fewer;
        if (!$users || !$this->session->row->completionsubmit) {
            return;
        }
        [$in, $params] = $DB->get_in_or_equal($users);
        $complete = $DB->get_records_select_menu(
            'course_modules_completion',
            "coursemoduleid = ? AND completionstate > 0 AND userid $in",
            [$this->session->cm->id, ...$params],
            '',
            'userid, completionstate'
        );
        foreach ($users as $userid) {
            if (isset($complete[$userid]) ? isset($this->more[$userid]) : isset($this->fewer[$userid])) {
                submissions::update_completion($this->session, $userid);
            }
        }
    }
}
