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

namespace mod_monitoringsession\output;

use mod_monitoringsession\local\access;
use mod_monitoringsession\local\session;
use moodle_url;
use renderer_base;

/**
 * Which of the own groups a coordinator looks at. Core's menu would leave out groups whose members are hidden from the viewer.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class group_choice {
    /** @var int the group chosen, 0 for all of them */
    public readonly int $group;

    /** @var string[] names of the groups to choose from, by id */
    private readonly array $names;

    /**
     * Reads the choice made just now, or the one made before in this login.
     *
     * @param session $session
     * @param access $access
     */
    public function __construct(
        /** @var session session */
        private session $session,
        access $access,
    ) {
        global $SESSION;
        $this->names = array_intersect_key($session->groups(), array_flip($access->groups_as('coordinator')));
        $cmid = (int)$session->cm->id;
        $chosen = optional_param('group', -1, PARAM_INT);
        $chosen = $chosen >= 0 ? $chosen : (int)($SESSION->mod_monitoringsession_group[$cmid] ?? 0);
        $this->group = isset($this->names[$chosen]) ? $chosen : 0;
        $SESSION->mod_monitoringsession_group[$cmid] = $this->group;
    }

    /**
     * The menu.
     *
     * @param renderer_base $output
     * @return string HTML, empty where there is nothing to choose
     */
    public function menu(renderer_base $output): string {
        if (count($this->names) < 2) {
            return '';
        }
        $names = array_map($this->session->shown(...), $this->names);
        $url = new moodle_url('/mod/monitoringsession/view.php', ['id' => $this->session->cm->id]);
        $options = [0 => get_string('allparticipants')] + $names;
        $select = new \single_select($url, 'group', $options, $this->group, null, 'selectgroup');
        $select->label = get_string('group', 'group');
        return \html_writer::div($output->render($select), 'groupselector');
    }
}
