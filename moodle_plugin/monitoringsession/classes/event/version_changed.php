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
 * A session uses another version of a form from now on.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class version_changed extends in_session {
    /** @var string */
    protected const CRUD = 'u';
    /** @var int */
    protected const LEVEL = self::LEVEL_TEACHING;

    /**
     * The event.
     *
     * @param session $session
     * @param string $instrument
     * @param string $from version until now
     * @param string $to version from now on
     * @return self
     */
    public static function of(session $session, string $instrument, string $from, string $to): self {
        return self::create([
            'objectid' => $session->row->id,
            'context' => $session->context(),
            'other' => ['instrument' => $instrument, 'from' => $from, 'to' => $to],
        ]);
    }

    /**
     * Name.
     *
     * @return string
     */
    public static function get_name() {
        return get_string('event_version_changed', 'mod_monitoringsession');
    }

    /**
     * What happened, for the log.
     *
     * @return string
     */
    public function get_description() {
        return "The user with id '$this->userid' moved the form '{$this->other['instrument']}' from version "
            . "'{$this->other['from']}' to version '{$this->other['to']}' "
            . "in the monitoring session with course module id '$this->contextinstanceid'.";
    }
}
