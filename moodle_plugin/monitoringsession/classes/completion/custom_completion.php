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

namespace mod_monitoringsession\completion;

use core_completion\activity_custom_completion;
use mod_monitoringsession\local\access;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\slot;

/**
 * Completion: all own forms are submitted, those still to open included; also where nothing is asked of somebody who has forms.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class custom_completion extends activity_custom_completion {
    /**
     * State of a rule for the person.
     *
     * @param string $rule
     * @return int
     */
    public function get_state(string $rule): int {
        $this->validate_rule($rule);
        $session = session::of_cm((int)$this->cm->id);
        $slots = slot::of($session, new access($session, (int)$this->userid));
        $expected = array_filter($slots, fn(slot $slot) => $slot->personal->expected());
        $open = array_filter($expected, fn(slot $slot) => !in_array($slot->state(), ['submitted', 'changing']));
        return $slots && !$open && $session->opened() ? COMPLETION_COMPLETE : COMPLETION_INCOMPLETE;
    }

    /**
     * Names of the rules.
     *
     * @return string[]
     */
    public static function get_defined_custom_rules(): array {
        return ['completionsubmit'];
    }

    /**
     * Sentences about the rules.
     *
     * @return string[]
     */
    public function get_custom_rule_descriptions(): array {
        return ['completionsubmit' => get_string('completionsubmit', 'mod_monitoringsession')];
    }

    /**
     * Order in which the rules are shown.
     *
     * @return string[]
     */
    public function get_sort_order(): array {
        return ['completionview', 'completionsubmit'];
    }
}
