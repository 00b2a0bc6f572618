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

use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\restored;

/**
 * People and groups in what comes out of a backup.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\restored
 */
final class restored_test extends \advanced_testcase {
    /**
     * On another site people and groups have other numbers, in rows, signals and what signals are about.
     */
    public function test_restored_rows_name_people_and_groups_of_here(): void {
        $ids = ['p17', '0a1b2c3d.5.17.goals.1', 'low_inclusion.5.17.', 'goal_stalled.5.17.0a1b2c3d.5.17.goals.1',
            'need_unmet.5.17.n_time', 'weak_point_persistent.5.0.w_time', 'w_time'];
        $rows = json_encode(['table' => array_map(fn($id) => ['id' => $id], $ids)]);
        $restored = restored::people_in_rows($rows, fn($id) => $id + 100, fn($id) => $id + 1000);
        $this->assertSame(
            ['p117', '0a1b2c3d.1005.117.goals.1', 'low_inclusion.1005.117.', 'goal_stalled.1005.117.0a1b2c3d.1005.117.goals.1',
                'need_unmet.1005.117.n_time', 'weak_point_persistent.1005.0.w_time', 'w_time'],
            array_column(json_decode($restored, true)['table'], 'id')
        );
    }

    /**
     * Choices among people are renumbered, whatever else was answered stays as it is.
     */
    public function test_restored_choices_name_people_of_here(): void {
        $user = fn($id) => $id === 18 ? 0 : $id + 100;
        $carried = json_encode([
            'decisions.responsible.options' => [['value' => 'p17', 'label' => 'A'], ['value' => 'p18', 'label' => 'B']],
            'shared.options' => [['value' => 'e_job', 'label' => 'Job']],
            'decisions' => [['row' => 1, 'id' => 'd1', 'responsible' => 'p17', 'text' => 'p17']],
        ]);
        $restored = json_decode(restored::people_in_rows($carried, $user, $user), true);
        $this->assertSame(['p117', 'gone18'], array_column($restored['decisions.responsible.options'], 'value'));
        $this->assertSame(['A', 'B'], array_column($restored['decisions.responsible.options'], 'label'));
        $this->assertSame(['e_job'], array_column($restored['shared.options'], 'value'));
        $this->assertSame([['row' => 1, 'id' => 'd1', 'responsible' => 'p117', 'text' => 'p17']], $restored['decisions']);
        $answers = [
            'decisions' => [
                ['row' => 1, 'responsible' => 'p17', 'text' => 'p17'], ['row' => 2, 'responsible' => 'p18'], ['row' => 3],
            ],
            'shared' => ['e_job', 'p17'],
            'note' => 'p17',
        ];
        $keys = restored::choices_in($carried);
        $this->assertSame(['decisions.responsible', 'shared'], $keys);
        $answers = json_decode(restored::people_in_choices(json_encode($answers), $keys, $user), true);
        $this->assertSame(
            [
                'decisions' => [
                    ['row' => 1, 'responsible' => 'p117', 'text' => 'p17'], ['row' => 2, 'responsible' => 'gone18'], ['row' => 3],
                ],
                'shared' => ['e_job', 'p117'],
                'note' => 'p17',
            ],
            $answers
        );
    }

    /**
     * A definition knows which of its choices depend on data, and leaves alone those that are rows of the same form.
     */
    public function test_a_definition_knows_its_choices_among_people(): void {
        $columns = [['id' => 'responsible', 'type' => 'single_choice', 'options_from' => 'participants'],
            ['id' => 'goal', 'type' => 'single_choice', 'options_from' => 'goals']];
        $items = [
            ['id' => 'goals', 'type' => 'table', 'columns' => [['id' => 'text', 'type' => 'short_text']]],
            ['id' => 'decisions', 'type' => 'table', 'columns' => $columns],
            ['id' => 'shared', 'type' => 'multi_choice', 'options_from' => 'group_expectations'],
        ];
        $definition = new definition((object)['instrument' => 'i', 'version' => '1', 'language' => 'en', 'sha256' => '',
            'content' => json_encode(['items' => $items])]);
        $this->assertSame(['decisions.responsible', 'shared'], $definition->choices_from_data());
    }
}
