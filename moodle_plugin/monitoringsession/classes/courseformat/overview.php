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

namespace mod_monitoringsession\courseformat;

use cm_info;
use core_courseformat\local\overview\overviewitem;
use mod_monitoringsession\local\access;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\slot;

/**
 * The activity in the course overview of Moodle 5; Moodle 4.5 never loads this class.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class overview extends \core_courseformat\activityoverviewbase {
    /** @var session the session */
    private session $session;

    /**
     * Constructor.
     *
     * @param cm_info $cm
     */
    public function __construct(cm_info $cm) {
        parent::__construct($cm);
        $this->session = session::of_cm((int)$cm->id);
    }

    /**
     * The deadline of the viewer.
     *
     * @return overviewitem|null
     */
    public function get_due_date_overview(): ?overviewitem {
        global $USER;
        $due = $this->session->due_of((int)$USER->id) ?: null;
        return new overviewitem(
            name: get_string('due', 'mod_monitoringsession'),
            value: $due,
            content: $due ? userdate($due, get_string('strftimedatetimeshort', 'langconfig')) : '–',
        );
    }

    /**
     * How many of the viewer's forms are submitted.
     *
     * @return overviewitem[]
     */
    public function get_extra_overview_items(): array {
        global $USER;
        $slots = slot::of($this->session, new access($this->session, (int)$USER->id));
        $done = count(array_filter($slots, fn(slot $slot) => (bool)$slot->submission));
        return ['myforms' => new overviewitem(
            name: get_string('myforms', 'mod_monitoringsession'),
            value: $done,
            content: $slots ? get_string('countof', 'mod_monitoringsession', (object)['n' => $done, 'of' => count($slots)]) : '–',
        )];
    }
}
