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
 * Whose forms have not come while a coordinator writes about all of them: who is missing, and who has more time.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class awaited {
    /** @var int most names that are said */
    private const NAMES = 12;

    /**
     * Says who is missing; the coordinator decides.
     *
     * @param session $session
     * @param slot $slot the coordinator's form
     * @return string empty where everybody has submitted
     */
    public static function sentence(session $session, slot $slot): string {
        $grid = grid::of($session, $slot->groupid ? [$slot->groupid] : null, ['mentee', 'mentor']);
        $running = extensions::running((int)$session->row->id);
        $names = [];
        foreach ($grid->lines as $line) {
            $open = array_filter($line['cells'], fn($cell) => $cell['expected'] && $cell['state'] !== 'submitted');
            if ($open) {
                $id = (int)$line['user']->id;
                $name = fullname($line['user']);
                $until = isset($running[$id]) ? userdate($running[$id], get_string('strftimedatetimeshort', 'langconfig')) : '';
                $names[$id] = $until === '' ? $name
                    : get_string('awaiteduntil', 'mod_monitoringsession', (object)['name' => $name, 'until' => $until]);
            }
        }
        if (!$names) {
            return '';
        }
        $said = implode(', ', array_slice($names, 0, self::NAMES)) . (count($names) > self::NAMES ? ' …' : '');
        return get_string('awaited', 'mod_monitoringsession', (object)['count' => count($names), 'names' => $said]);
    }
}
