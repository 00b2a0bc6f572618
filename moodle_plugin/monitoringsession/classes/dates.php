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

namespace mod_monitoringsession;

use core\activity_dates;

/**
 * Dates shown with the activity.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class dates extends activity_dates {
    /**
     * Opening and deadline of the person, extension included.
     *
     * @return array[]
     */
    protected function get_dates(): array {
        global $DB;
        $opens = (int)($this->cm->customdata['opens'] ?? 0);
        $due = (int)($this->cm->customdata['due'] ?? 0);
        $extension = $DB->get_field('monitoringsession_extension', 'due', [
            'monitoringsession' => $this->cm->instance,
            'userid' => $this->userid,
        ]);
        $due = max($due, (int)$extension);
        $now = time();
        $dates = [];
        if ($opens) {
            $dates[] = [
                'dataid' => 'opens',
                'label' => get_string($opens > $now ? 'activitydate:opens' : 'activitydate:opened', 'course'),
                'timestamp' => $opens,
            ];
        }
        if ($due) {
            $dates[] = ['dataid' => 'due', 'label' => get_string('dueon', 'mod_monitoringsession'), 'timestamp' => $due];
        }
        return $dates;
    }
}
