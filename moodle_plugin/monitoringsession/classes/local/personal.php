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
 * What a form shows one person besides its definition: carried-over rows, whether it is open, remarks of others.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class personal {
    /**
     * Constructor.
     *
     * @param array $content personal.schema.json; empty when nothing was pushed
     * @param bool $withdrawn whether the form is asked for no longer
     */
    public function __construct(
        /** @var array personal.schema.json */
        private array $content,
        /** @var bool asked for no longer */
        public readonly bool $withdrawn = false,
    ) {
    }

    /**
     * Whether the form can be filled in yet.
     *
     * @return bool
     */
    public function open(): bool {
        return !$this->withdrawn && ($this->content['open'] ?? true);
    }

    /**
     * Why it cannot be filled in yet.
     *
     * @return string
     */
    public function reason(): string {
        return (string)($this->content['reason'] ?? '');
    }

    /**
     * The own deadline of this form: one that waited for others has more time.
     *
     * @return int epoch seconds, 0 = none, or not yet
     */
    public function due(): int {
        return $this->withdrawn ? 0 : (int)($this->content['due'] ?? 0);
    }

    /**
     * What the form still waits for, in a sentence or two.
     *
     * @return string
     */
    public function waits(): string {
        $sentences = [$this->reason()];
        if ($this->content['waits_for'] ?? 0) {
            $sentences[] = get_string('waitsfor', 'mod_monitoringsession', $this->content['waits_for']);
        }
        if (($this->content['latest'] ?? 0) > time()) {
            $format = get_string('strftimedaydatetime', 'langconfig');
            $sentences[] = get_string('waitsuntil', 'mod_monitoringsession', userdate($this->content['latest'], $format));
        }
        return implode(' ', array_filter($sentences));
    }

    /**
     * Whether the person is counted and reminded.
     *
     * @return bool
     */
    public function expected(): bool {
        return !$this->withdrawn && ($this->content['expected'] ?? true);
    }

    /**
     * Everything carried over.
     *
     * @return array
     */
    public function carried(): array {
        return $this->content['carried'] ?? [];
    }

    /**
     * The rows of a carried table.
     *
     * @param string $item
     * @return array[] by row number
     */
    public function rows(string $item): array {
        $rows = $this->carried()[$item] ?? [];
        return is_array($rows) ? array_column(array_filter($rows, 'is_array'), null, 'row') : [];
    }

    /**
     * Options that depend on data.
     *
     * @param string $key item.options or table.column.options
     * @return array[]
     */
    public function options(string $key): array {
        $options = $this->carried()["$key.options"] ?? [];
        return is_array($options) ? $options : [];
    }

    /**
     * Answers to begin with.
     *
     * @return array
     */
    public function proposed(): array {
        return $this->content['proposed'] ?? [];
    }

    /**
     * What the data propose for a question, with the reason; nothing of it is chosen beforehand.
     *
     * @param string $item
     * @param int|null $row
     * @return string empty for nothing
     */
    public function suggested(string $item, ?int $row): string {
        foreach ($this->content['suggested'] ?? [] as $one) {
            if ($one['item'] === $item && ($one['row'] ?? null) === $row) {
                return $one['text'];
            }
        }
        return '';
    }

    /**
     * Remarks by others.
     *
     * @return array[] item, row, text
     */
    public function notes(): array {
        return $this->content['notes'] ?? [];
    }

    /**
     * The scope of conditions without form and row.
     *
     * @param session $session
     * @return array
     */
    public function context(session $session): array {
        return $this->content['context'] ?? [
            'session' => ['kind' => $session->row->kind, 'date' => dates::day((int)$session->row->opens ?: time())],
            'plan' => [],
            'count' => [],
            'previous' => [],
        ];
    }

    /**
     * The people whom carried rows are about, as far as the rows name them.
     *
     * @return int[] user ids
     */
    public function subjects(): array {
        $found = [];
        foreach ($this->carried() as $rows) {
            foreach (is_array($rows) ? $rows : [] as $row) {
                $person = is_array($row) ? self::person_of_row((string)($row['id'] ?? '')) : 0;
                if ($person) {
                    $found[$person] = $person;
                }
            }
        }
        return array_values($found);
    }

    /**
     * The person a carried row is about or from.
     *
     * A row about a person is named p<user>; one written by a person <session>.<group>.<user>.<table>.<row>; an
     * early-warning signal about a person <rule>.<group>.<user>.<subject>.
     *
     * @param string $id of the row
     * @return int 0 for none
     */
    public static function person_of_row(string $id): int {
        if (preg_match('/^p(\d+)$/D', $id, $match) || preg_match('/^(?:[0-9a-f]{8}|[a-z_]+)\.\d+\.(\d+)\./', $id, $match)) {
            return (int)$match[1];
        }
        return 0;
    }
}
