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
 * What the service answered, or why it did not.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class reply {
    /**
     * Constructor.
     *
     * @param int $status HTTP status, 0 when there was no answer
     * @param array $body decoded JSON
     * @param string $error what went wrong, for people; empty when all is well
     */
    public function __construct(
        /** @var int HTTP status, 0 when there was no answer */
        public readonly int $status,
        /** @var array decoded JSON */
        public readonly array $body,
        /** @var string what went wrong, for people */
        public readonly string $error,
    ) {
    }

    /**
     * Whether the service accepted.
     *
     * @return bool
     */
    public function accepted(): bool {
        return $this->status >= 200 && $this->status < 300;
    }

    /**
     * The remedy of a problem document in the current language.
     *
     * @return string
     */
    public function remedy(): string {
        return texts::pick($this->body['remedy'] ?? []);
    }
}
