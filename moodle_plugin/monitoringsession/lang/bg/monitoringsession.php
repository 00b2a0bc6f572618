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

/**
 * Strings, Bulgarian.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$string['addrow'] = 'Добавяне на още';
$string['allforms'] = 'Всички формуляри';
$string['answers'] = 'Отговори';
$string['atmost'] = 'Най-много {$a} знака.';
$string['backtoform'] = 'Назад към формуляра';
$string['backtosession'] = 'Назад към сесията';
$string['calendardue'] = 'Краен срок: {$a}';
$string['calendaropens'] = '{$a} се отваря';
$string['cell_correction'] = 'За поправка';
$string['cell_draft'] = 'Чернова';
$string['cell_late'] = 'Просрочен';
$string['cell_missing'] = 'Липсва';
$string['cell_submitted'] = 'Подаден';
$string['cell_waiting'] = 'Още не е отворен';
$string['change'] = 'Промяна';
$string['checkback_bad'] = 'Услугата не достига Moodle: {$a->why}';
$string['checkback_ok'] = 'Услугата достига Moodle ({$a->ms} ms).';
$string['checkcron_bad'] = 'Cron не е работил повече от десет минути (последно: {$a}). Напомнянията и съобщенията го чакат; обърнете се към поддържащите сървъра.';
$string['checkcron_ok'] = 'Cron работи ({$a}).';
$string['checkdefinitions_bad'] = 'Формулярите още не са получени. Проверете двете посоки; ако всичко е наред, изчакайте минута или изпълнете „moodle-bridge reconcile“.';
$string['checkdefinitions_ok'] = 'Формулярите са получени.';
$string['checkoutbox_bad'] = 'Чакащи съобщения за услугата: {$a->waiting}, най-старото от {$a->since}. {$a->error} Ще бъдат изпратени, щом услугата отговори.';
$string['checkoutbox_ok'] = 'Чакащи съобщения за услугата: {$a->waiting}.';
$string['checkpaired_ok'] = 'Свързан с {$a->url} (версия {$a->release}) от {$a->since}.';
$string['checkqueue_bad'] = 'Работа, от която услугата се е отказала: {$a->dead}. Вижте „moodle-bridge jobs list“.';
$string['checkqueue_ok'] = 'Чакаща работа в услугата: {$a->waiting}.';
$string['checkrefusal'] = 'Услугата отказва съобщения: {$a}';
$string['checkrest_bad'] = 'Протоколът REST е изключен. Включете го от „Управление на протоколите“ или прекъснете връзката и свържете отново.';
$string['checkrest_ok'] = 'Протоколът REST е включен.';
$string['checkthere_bad'] = 'Moodle не достига услугата: {$a}';
$string['checkthere_ok'] = 'Moodle достига услугата.';
$string['checkwebservices_bad'] = 'Уеб услугите са изключени. Включете ги от „Разширени възможности“ или прекъснете връзката и свържете отново.';
$string['checkwebservices_ok'] = 'Уеб услугите са включени.';
$string['cloned'] = 'Този сайт е копие на сайт, свързан с услуга, и не изпраща нищо. Свържете го със собствен код, ако и той трябва да има услуга.';
$string['closeconfirm'] = 'Да се приключи ли сесията? След това никой не може да подава и променя формуляри освен участниците с удължен срок. Може да я отворите отново.';
$string['closedon'] = 'Приключена: {$a}';
$string['closesession'] = 'Приключване на сесията';
$string['completionsubmit'] = 'Подаване на всички свои формуляри';
$string['connection'] = 'Връзка с услугата';
$string['connectionintro'] = 'Услугата изготвя PDF документите. Който я поддържа, получава еднократен код с командата „moodle-bridge pair“. Въведете адреса на услугата и кода.';
$string['continue'] = 'Продължаване';
$string['contractmismatch'] = 'Добавката и услугата не си съответстват: услугата използва версия {$a->theirs} на договора, добавката – версия {$a->ours}. Обновете по-старата.';
$string['coordinatoronly'] = 'Само ръководителят вижда това';
$string['correct'] = 'Поправяне';
$string['countof'] = '{$a->n} от {$a->of}';
$string['deliveryfailed'] = 'Услугата е недостъпна: {$a}';
$string['documentexists'] = 'Под този номер е съхранен друг документ.';
$string['documentpending'] = 'Документът се изготвя и ще се появи тук.';
$string['documentsfollow'] = 'Всичко работи както обикновено и отговорите Ви се пазят. PDF документите ще се появят малко по-късно.';
$string['downloadall'] = 'Изтегляне на всичко (ZIP)';
$string['draftdiscard'] = 'Отказ от черновата – остава подаденото';
$string['draftdiscarded'] = 'Черновата е изтрита.';
$string['draftmissing'] = 'Очаква се точно един качен файл.';
$string['draftof'] = 'Продължавате черновата от {$a}.';
$string['draftsaved'] = 'Черновата е запазена. Никой друг не я вижда.';
$string['due'] = 'Краен срок';
$string['due_help'] = 'Докога да бъдат подадени формулярите. Могат да се подадат и по-късно, докато ръководителят не приключи сесията; тогава се водят закъснели.';
$string['dueis'] = 'Краен срок: {$a}';
$string['dueon'] = 'Краен срок:';
$string['errorblocked'] = 'Обръщението е спряно от HTTP защитата на Moodle или няма отговор. Вижте настройката „Разрешаване на адреса на услугата, дори HTTP защитата да го спира“.';
$string['errorchanged'] = 'Формулярът е променен, след като го прегледахте. Моля, прегледайте го отново.';
$string['errorcode'] = 'Кодът има 30 букви и цифри.';
$string['errorconsent'] = 'Без Вашето съгласие сайтът не може да бъде свързан.';
$string['errordue'] = 'Крайният срок трябва да е след отварянето.';
$string['errorhttps'] = 'Адресът трябва да започва с https://, защото по него пътуват отговори.';
$string['errorloggedinas'] = 'Формуляри не могат да се попълват, докато сте влезли като друг потребител.';
$string['errornoform'] = 'В тази сесия няма такъв формуляр за Вас.';
$string['errornosubmission'] = 'Нямате достъп до този формуляр.';
$string['errornotservice'] = 'На този адрес има отговор, но не от услугата.';
$string['errorothertab'] = 'Междувременно формулярът е запазен в друг прозорец. Нищо не е презаписано: копирайте написаното тук, ако Ви е нужно, и отворете формуляра отново.';
$string['errortoolarge'] = 'Част от формуляра се изгуби по пътя, защото сайтът приема твърде малко полета (max_input_vars). Нищо не е запазено. Моля, кажете на администратора.';
$string['errorurl'] = 'Моля, въведете адрес като https://bridge.example.org';
$string['event_document_stored'] = 'Съхранен документ';
$string['event_document_viewed'] = 'Отворен документ';
$string['event_session_closed'] = 'Приключена сесия';
$string['event_session_reopened'] = 'Повторно отворена сесия';
$string['event_submission_reopened'] = 'Върнат формуляр';
$string['event_submission_saved'] = 'Подаден формуляр';
$string['extensiondue'] = 'Собствен срок';
$string['extensiondue_help'] = 'Крайният срок за избраните участници. Изключете го, за да премахнете собствения им срок.';
$string['extensions'] = 'Удължен срок за отделни участници';
$string['extensionsintro'] = 'Посочените тук участници имат собствен срок. Дотогава могат да подават дори сесията да е приключена.';
$string['fillin'] = 'Попълване';
$string['fingerprint'] = 'Име на файла и SHA-256';
$string['forms'] = 'Формуляри';
$string['giveback'] = 'Връщане за нова версия';
$string['givenback'] = 'Формулярът отново е отворен за своя автор.';
$string['groupforms'] = 'Формуляри на моите обекти на менторинга';
$string['groupis'] = 'Група: {$a}';
$string['hashmismatch'] = 'Каченият файл не е обявеният.';
$string['ignoresecurity'] = 'Разрешаване на адреса на услугата, дори HTTP защитата да го спира';
$string['ignoresecurity_desc'] = 'Moodle не допуска обръщения към частни адреси като 127.0.0.1 и към портове, различни от 80 и 443. Отметнете, ако услугата работи на такъв адрес. Отнася се само за адреса на услугата; всичко останало остава спряно.';
$string['ignoresecurity_help'] = 'Moodle не допуска обръщения към частни адреси като 127.0.0.1 и към портове, различни от 80 и 443. Отметнете, ако услугата работи на такъв адрес. Отнася се само за въведения тук адрес; всичко останало остава спряно.';
$string['kind'] = 'Вид на сесията';
$string['kind_final'] = 'Последна сесия';
$string['kind_help'] = 'Първоначална: първата сесия, на която се определят целите и очакванията. Междинна: по време на процеса, за да се види докъде са стигнали участниците. Последна: сесията, на която се оценява целият процес.';
$string['kind_initial'] = 'Първоначална сесия';
$string['kind_interim'] = 'Междинна сесия';
$string['language'] = 'Език на формулярите';
$string['language_help'] = 'Езикът, на който се показват формулярите и се съставят документите на тази сесия.';
$string['locktimeout'] = 'Друг записва на същото място; опитайте отново.';
$string['manage'] = 'Управление на сесията';
$string['mentorcopy'] = 'Копие за ментора';
$string['message_contactrequest_subject'] = '{$a->person} желае разговор с Вас';
$string['message_contactrequest_text'] = '{$a->person} моли да се свържете лично („{$a->session}“, курс „{$a->course}“). {$a->url}';
$string['message_documentready_subject'] = 'Документът Ви е готов: {$a->form}';
$string['message_documentready_text'] = 'Документът от Вашия формуляр „{$a->form}“ е в „{$a->session}“, курс „{$a->course}“. {$a->url}';
$string['message_duesoon_subject'] = 'Напомняне: {$a->session}';
$string['message_duesoon_text'] = 'За „{$a->session}“ в курса „{$a->course}“ остава да попълните: {$a->form}. Краен срок: {$a->due}. {$a->url}';
$string['message_formopen_subject'] = 'Отворена е: {$a->session}';
$string['message_formopen_text'] = 'В курса „{$a->course}“ е отворена „{$a->session}“. Моля, попълнете: {$a->form}. Краен срок: {$a->due}. {$a->url}';
$string['message_needscorrection_subject'] = 'Моля, поправете: {$a->form}';
$string['message_needscorrection_text'] = 'Вашият формуляр „{$a->form}“ в „{$a->session}“, курс „{$a->course}“, отново е отворен за Вас. В него е отбелязано какво да се поправи; отговорите Ви са запазени. {$a->url}';
$string['messageprovider:contactrequest'] = 'Молба за разговор с ръководителя';
$string['messageprovider:documentready'] = 'Документът на моя формуляр е готов';
$string['messageprovider:duesoon'] = 'Наближава срокът на формуляр';
$string['messageprovider:formopen'] = 'Отворена е мониторинг сесия';
$string['messageprovider:needscorrection'] = 'Мой формуляр има нужда от поправка';
$string['minutes'] = 'около {$a} минути';
$string['modulename'] = 'Мониторинг сесия';
$string['modulename_help'] = 'Една мониторинг сесия от процеса на менторинг. Обектите на менторинга, менторите и ръководителят попълват формулярите тук и намират на същото място всеки формуляр като официален, непроменяем PDF документ. Целите, очакванията и препоръките се пренасят от сесия в сесия.';
$string['modulename_summary'] = 'Проведете мониторинг сесия от процеса на менторинг: формуляри за обектите на менторинга, менторите и ръководителя, съхранени като PDF документи в сесията.';
$string['modulename_tip'] = 'Планирайте всички сесии на курса наведнъж с „План на мониторинга“ в менюто на курса.';
$string['modulenameplural'] = 'Мониторинг сесии';
$string['monitoringsession:addinstance'] = 'Добавяне на мониторинг сесия';
$string['monitoringsession:coordinate'] = 'Ръководене на мониторинг сесии';
$string['monitoringsession:mentor'] = 'Участие като ментор';
$string['monitoringsession:service'] = 'Действие като услугата за мониторинг (само за нейния акаунт)';
$string['monitoringsession:submit'] = 'Участие като обект на менторинга';
$string['monitoringsession:view'] = 'Преглед на мониторинг сесия';
$string['mydocuments'] = 'Моите документи';
$string['myforms'] = 'Моите формуляри';
$string['myprogress'] = 'Докъде съм стигнал';
$string['noanswer'] = 'Без отговор';
$string['nobody'] = 'Още няма участници.';
$string['nodeadline'] = 'без краен срок';
$string['nodefinition'] = 'Формулярът, с който са дадени тези отговори, не е познат на този сайт. Документът ги показва.';
$string['nofigures'] = 'Още няма данни.';
$string['noforms'] = 'Формулярите пристигат, когато сайтът бъде свързан с услугата. Може да запазите сесията сега; тогава тя ще получи обичайните за вида си формуляри.';
$string['noformsforyou'] = 'В тази сесия няма формуляри за Вас.';
$string['nogroup'] = 'Още не сте в група. Ръководителят трябва да Ви добави в група, за да можете да попълвате формуляри.';
$string['nosessions'] = 'В този курс още няма мониторинг сесии.';
$string['noteofothers'] = 'Бележка: {$a}';
$string['nothingtoshow'] = 'Тук няма нищо за попълване.';
$string['notpaired'] = 'Този сайт не е свързан с услуга.';
$string['notpairednotice'] = 'Този сайт още не е свързан с услугата: отговорите се пазят, но не се изготвят PDF документи. Администратор може да го свърже от Администриране на сайта > Добавки > Модули за дейности > Мониторинг сесия.';
$string['number'] = 'Номер';
$string['number_help'] = 'Мястото на сесията в процеса на менторинг, броено от 1. Отпечатва се върху документите.';
$string['opens'] = 'Отваря се';
$string['page-mod-monitoringsession-x'] = 'Всяка страница на мониторинг сесия';
$string['pair'] = 'Свързване';
$string['paired'] = 'Сайтът е свързан с услугата.';
$string['pairingchanges'] = 'Свързването прави следното: включва уеб услугите и протокола REST, създава роля, акаунт и външна услуга, които могат само да обменят данни от мониторинга, и дава на услугата ключ за тях. Прекъсването на връзката връща всичко това. Мобилната услуга не се променя.';
$string['pairingcode'] = 'Еднократен код';
$string['pairingcode_help'] = 'Шест групи от по пет знака, валиден един час. Тирета и малки букви нямат значение.';
$string['pairingconsent'] = 'Съгласен съм отговорите от мониторинг сесиите да се изпращат на тази услуга';
$string['pairingrefused'] = 'Връзката не е осъществена и нищо не е променено. {$a}';
$string['people'] = 'Участници';
$string['person'] = 'Участник';
$string['plan'] = 'План на мониторинга';
$string['pluginadministration'] = 'Управление на мониторинг сесията';
$string['pluginname'] = 'Мониторинг сесия';
$string['problem'] = 'Проблем';
$string['problemchoose'] = 'Моля, изберете отговор.';
$string['problemdate'] = 'Моля, въведете дата.';
$string['problemexclusive'] = '„{$a}“ не може да се избере заедно с други.';
$string['problemnumber'] = 'Моля, въведете цяло число.';
$string['problemonerow'] = 'Моля, попълнете поне един запис.';
$string['problemrange'] = 'Моля, въведете цяло число от {$a->least} до {$a->most}.';
$string['problemrequired'] = 'Моля, попълнете.';
$string['problemrows'] = 'Моля, попълнете поне {$a} записа.';
$string['problems'] = 'Проблеми';
$string['problemtoolong'] = 'Най-много {$a->limit} знака; сега са {$a->length}.';
$string['problemtoomany'] = 'Моля, изберете най-много {$a}.';
$string['reminded'] = 'Изпратени напомняния: {$a}.';
$string['reminderdays'] = 'Напомняне толкова дни преди срока';
$string['reminderdays_desc'] = 'Колко дни преди крайния срок да се напомни веднъж на участниците с липсващи формуляри.';
$string['reopensession'] = 'Повторно отваряне на сесията';
$string['resetsubmissions'] = 'Изтриване на всички отговори, документи и удължени срокове';
$string['retry'] = 'Нов опит';
$string['retrying'] = 'Услугата е помолена да опита отново.';
$string['reviewagain'] = 'Предишната Ви версия остава в архива, отбелязана като заменена.';
$string['reviewandsubmit'] = 'Преглед и подаване';
$string['reviewintro'] = 'Моля, прочетете отговорите си още веднъж. След подаването от тях се изготвя официален документ; докато сесията не е приключена, може да подадете променена версия.';
$string['reviewof'] = 'Преглед: {$a}';
$string['role_coordinator'] = 'Ръководител';
$string['role_mentee'] = 'Обект на менторинга';
$string['role_mentor'] = 'Ментор';
$string['rownumber'] = '№ {$a}';
$string['savedjustnow'] = 'Черновата е запазена';
$string['savedraft'] = 'Запазване като чернова';
$string['sendreminders'] = 'Изпращане на напомняния';
$string['servicename'] = 'Услуга за мониторинг';
$string['servicerole'] = 'Създадена при свързването на дейността „Мониторинг сесия“ с услугата ѝ. Не може нищо друго.';
$string['serviceurl'] = 'Адрес на услугата';
$string['serviceurl_help'] = 'Адресът, на който този Moodle достига услугата, например https://bridge.example.org. Обикновен http се приема само на същата машина (127.0.0.1).';
$string['sessionclosed'] = 'Сесията е приключена.';
$string['sessionkeptalive'] = 'Връзката със сайта се прекъсна. Запазете черновата, преди да продължите.';
$string['sessionmissing'] = 'Няма такава сесия.';
$string['sessionreopened'] = 'Сесията отново е отворена.';
$string['settings'] = 'Настройки';
$string['signals'] = 'Ранни сигнали';
$string['somethingmissing'] = 'Отговорите Ви са запазени като чернова. Моля, вижте отбелязаното ({$a}).';
$string['state_changing'] = 'Подаден, промяната не е завършена';
$string['state_correction'] = 'Нужна е поправка';
$string['state_draft'] = 'Чернова';
$string['state_missed'] = 'Не е подаден';
$string['state_notyet'] = 'Сесията още не е отворена';
$string['state_submitted'] = 'Подаден';
$string['state_todo'] = 'За попълване';
$string['state_waiting'] = 'Още не е отворен';
$string['submissionmissing'] = 'Няма такъв подаден формуляр.';
$string['submitform'] = 'Подаване';
$string['submitted'] = 'Благодарим Ви. Формулярът е подаден.';
$string['summary'] = 'Обобщение';
$string['superseded'] = 'Заменен от по-нова версия';
$string['task_deliver'] = 'Изпращане на съобщения до услугата за мониторинг';
$string['task_notify'] = 'Известяване на автора на формуляр';
$string['task_redeliver'] = 'Изпращане на още чакащите съобщения до услугата за мониторинг';
$string['task_remind'] = 'Известяване за мониторинг сесии и напомняне за липсващи формуляри';
$string['testconnection'] = 'Проверка в двете посоки';
$string['thesession'] = 'Сесията';
$string['unpair'] = 'Прекъсване на връзката';
$string['unpairconfirm'] = 'Да се прекъсне ли връзката с услугата? Създадените за нея акаунт, роля, външна услуга и ключ се изтриват. Отговорите и документите остават в Moodle.';
$string['unpaired'] = 'Връзката с услугата е прекъсната.';
$string['versionnumber'] = 'версия {$a}';
$string['versions'] = 'Версии';
$string['viewanswers'] = 'Преглед';
$string['withoutgroup'] = 'без група';
