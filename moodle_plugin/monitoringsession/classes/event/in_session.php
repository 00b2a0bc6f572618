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

/**
 * Something that happened in a session: what these events have in common.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
abstract class in_session extends \core\event\base {
    /** @var string c, r or u: created, read or updated */
    protected const CRUD = 'r';
    /** @var int whether it is part of learning or of teaching */
    protected const LEVEL = self::LEVEL_PARTICIPATING;
    /** @var string where the object stands */
    protected const TABLE = 'monitoringsession';

    /**
     * Sets what never changes.
     */
    protected function init() {
        $this->data['crud'] = static::CRUD;
        $this->data['edulevel'] = static::LEVEL;
        $this->data['objecttable'] = static::TABLE;
    }

    /**
     * Where to look.
     *
     * @return \moodle_url
     */
    public function get_url() {
        return new \moodle_url('/mod/monitoringsession/view.php', ['id' => $this->contextinstanceid]);
    }

    /**
     * Restored logs keep no ids.
     *
     * @return array
     */
    public static function get_objectid_mapping() {
        return ['db' => static::TABLE, 'restore' => \core\event\base::NOT_MAPPED];
    }

    /**
     * Restored logs keep no ids.
     *
     * @return bool
     */
    public static function get_other_mapping() {
        return false;
    }
}
