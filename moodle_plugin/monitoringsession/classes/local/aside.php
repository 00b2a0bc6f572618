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
 * What the service could not read or work out in a session, as it told it last.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class aside {
    /**
     * Stores all of it in place of what was told before.
     *
     * @param session $session
     * @param int $revision
     * @param string[] $items JSON
     * @return bool false when something newer was told
     */
    public static function store(session $session, int $revision, array $items): bool {
        global $DB;
        $known = json::decode($DB->get_field('monitoringsession', 'setaside', ['id' => $session->row->id]));
        if ((int)($known['revision'] ?? 0) > $revision) {
            return false;
        }
        // Ids, of people among them, are of no use on a page.
        $shown = array_map(fn(string $item): array => array_diff_key(json::decode($item), ['id' => 1]), $items);
        $told = json::encode(['revision' => $revision, 'items' => $shown]);
        return $DB->set_field('monitoringsession', 'setaside', $told, ['id' => $session->row->id]);
    }

    /**
     * What was told last.
     *
     * @param session $session
     * @return array[] kind, code, severity, reason and remedy by language, since, again
     */
    public static function of(session $session): array {
        return json::decode($session->row->setaside ?? '')['items'] ?? [];
    }
}
