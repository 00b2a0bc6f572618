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

namespace mod_monitoringsession\event;

use mod_monitoringsession\local\session;

/**
 * A form went with its author to another group.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class submission_moved extends in_session {
    /** @var string */
    protected const CRUD = 'u';
    /** @var string */
    protected const TABLE = 'monitoringsession_submission';

    /**
     * The event.
     *
     * @param session $session
     * @param \stdClass $submission
     * @param int $from group
     * @param int $to group
     * @return self
     */
    public static function of(session $session, \stdClass $submission, int $from, int $to): self {
        return self::create([
            'objectid' => $submission->id,
            'context' => $session->context(),
            'relateduserid' => $submission->userid,
            'other' => [
                'uuid' => $submission->uuid,
                'instrument' => $submission->instrument,
                'version' => (int)$submission->version,
                'from' => $from,
                'to' => $to,
            ],
        ]);
    }

    /**
     * Name.
     *
     * @return string
     */
    public static function get_name() {
        return get_string('event_submission_moved', 'mod_monitoringsession');
    }

    /**
     * What happened, for the log.
     *
     * @return string
     */
    public function get_description() {
        return "The form '{$this->other['instrument']}' of the user with id '$this->relateduserid' went with them from the group "
            . "with id '{$this->other['from']}' to the group with id '{$this->other['to']}' "
            . "in the monitoring session with course module id '$this->contextinstanceid'.";
    }
}
