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

use mod_monitoringsession\local\conditions;

/**
 * Conditions, against the vectors both sides share.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\conditions
 */
final class conditions_test extends \basic_testcase {
    /**
     * The contract's vectors; MOODLE_BRIDGE_CONTRACT names the folder that holds vectors/.
     */
    public function test_conditions_hold_as_the_contract_says(): void {
        $folder = getenv('MOODLE_BRIDGE_CONTRACT') ?: __DIR__ . '/../../../moodle_bridge/contract';
        $file = "$folder/vectors/conditions.json";
        if (!is_readable($file)) {
            $this->markTestSkipped('Set MOODLE_BRIDGE_CONTRACT to the folder moodle_bridge/contract of the project.');
        }
        $vectors = json_decode(file_get_contents($file), true);
        $this->assertGreaterThan(50, count($vectors));
        foreach ($vectors as $vector) {
            $this->assertSame($vector['expected'], conditions::holds($vector['tree'], $vector['scope']), $vector['why']);
        }
    }
}
