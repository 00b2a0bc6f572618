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
 * Strings, English.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$string['addrow'] = 'Add another';
$string['allforms'] = 'All forms';
$string['answers'] = 'Answers';
$string['atmost'] = 'At most {$a} characters.';
$string['backtoform'] = 'Back to the form';
$string['backtosession'] = 'Back to the session';
$string['calendardue'] = '{$a} is due';
$string['calendaropens'] = '{$a} opens';
$string['cell_correction'] = 'Needs correction';
$string['cell_draft'] = 'Draft';
$string['cell_late'] = 'Overdue';
$string['cell_missing'] = 'Missing';
$string['cell_submitted'] = 'Submitted';
$string['cell_waiting'] = 'Not open yet';
$string['change'] = 'Change';
$string['checkback_bad'] = 'The service does not reach Moodle: {$a->why}';
$string['checkback_ok'] = 'The service reaches Moodle ({$a->ms} ms).';
$string['checkcron_bad'] = 'Cron has not run for more than ten minutes (last: {$a}). Reminders and messages wait for it; ask whoever runs the server.';
$string['checkcron_ok'] = 'Cron runs ({$a}).';
$string['checkdefinitions_bad'] = 'The forms have not arrived yet. Test both directions; if that works, wait a minute or run “moodle-bridge reconcile”.';
$string['checkdefinitions_ok'] = 'The forms have arrived.';
$string['checkoutbox_bad'] = 'Messages waiting for the service: {$a->waiting}, the oldest since {$a->since}. {$a->error} They are sent as soon as the service answers.';
$string['checkoutbox_ok'] = 'Messages waiting for the service: {$a->waiting}.';
$string['checkpaired_ok'] = 'Connected to {$a->url} (release {$a->release}) since {$a->since}.';
$string['checkqueue_bad'] = 'Work the service gave up: {$a->dead}. See “moodle-bridge jobs list”.';
$string['checkqueue_ok'] = 'Work waiting in the service: {$a->waiting}.';
$string['checkrefusal'] = 'The service refuses messages: {$a}';
$string['checkrest_bad'] = 'The REST protocol is off. Switch it on under Manage protocols, or disconnect and connect again.';
$string['checkrest_ok'] = 'The REST protocol is on.';
$string['checkthere_bad'] = 'Moodle does not reach the service: {$a}';
$string['checkthere_ok'] = 'Moodle reaches the service.';
$string['checkwebservices_bad'] = 'Web services are off. Switch them on under Advanced features, or disconnect and connect again.';
$string['checkwebservices_ok'] = 'Web services are on.';
$string['cloned'] = 'This site is a copy of one that is connected to a service. It stays silent. Connect it with a code of its own if it should have a service too.';
$string['closeconfirm'] = 'Close the session? Nobody can then submit or change forms, except people with more time. You can open it again.';
$string['closedon'] = 'Closed: {$a}';
$string['closesession'] = 'Close the session';
$string['completionsubmit'] = 'Submit all own forms';
$string['connection'] = 'Connection to the service';
$string['connectionintro'] = 'The service makes the PDF documents. Whoever runs it prints a one-time code with the command “moodle-bridge pair”. Enter the address of the service and the code.';
$string['continue'] = 'Continue';
$string['contractmismatch'] = 'Plugin and service do not fit together: the service speaks version {$a->theirs} of the contract, the plugin version {$a->ours}. Update the older one.';
$string['coordinatoronly'] = 'Only the coordinator reads this';
$string['correct'] = 'Correct';
$string['countof'] = '{$a->n} of {$a->of}';
$string['deliveryfailed'] = 'The service cannot be reached: {$a}';
$string['documentexists'] = 'Another document is stored under this id.';
$string['documentpending'] = 'The document is being made and will appear here.';
$string['documentsfollow'] = 'Everything works as usual and your answers are kept. The PDF documents will follow a little later.';
$string['downloadall'] = 'Download everything (ZIP)';
$string['draftdiscard'] = 'Discard the draft and keep what I submitted';
$string['draftdiscarded'] = 'The draft is discarded.';
$string['draftmissing'] = 'Exactly one uploaded file is expected.';
$string['draftof'] = 'You are continuing the draft of {$a}.';
$string['draftsaved'] = 'The draft is saved. Nobody else can see it.';
$string['due'] = 'Due';
$string['due_help'] = 'Until when the forms should be submitted. They can still be submitted later, until the coordinator closes the session; they then count as late.';
$string['dueis'] = 'Due: {$a}';
$string['dueon'] = 'Due:';
$string['errorblocked'] = 'The call was blocked by Moodle\'s HTTP security, or there was no answer. See the setting “Allow the address of the service even if HTTP security blocks it”.';
$string['errorchanged'] = 'The form has changed since you reviewed it. Please review it again.';
$string['errorcode'] = 'A code has 30 letters and digits.';
$string['errorconsent'] = 'Without your consent the site cannot be connected.';
$string['errordue'] = 'The deadline has to be after the opening.';
$string['errorhttps'] = 'The address has to begin with https://, because answers travel over it.';
$string['errorloggedinas'] = 'Forms cannot be filled in while you are logged in as somebody else.';
$string['errornoform'] = 'There is no such form for you in this session.';
$string['errornosubmission'] = 'You cannot read this form.';
$string['errornotservice'] = 'Something answered at this address, but it is not the service.';
$string['errorothertab'] = 'The form was saved in another window meanwhile. Nothing was overwritten: copy what you typed here if you need it, then open the form again.';
$string['errortoolarge'] = 'Part of the form was lost on the way, because the site accepts too few fields (max_input_vars). Nothing was saved. Please tell the site administrator.';
$string['errorurl'] = 'Please enter an address such as https://bridge.example.org';
$string['event_document_stored'] = 'Document stored';
$string['event_document_viewed'] = 'Document opened';
$string['event_session_closed'] = 'Session closed';
$string['event_session_reopened'] = 'Session reopened';
$string['event_submission_reopened'] = 'Form reopened';
$string['event_submission_saved'] = 'Form submitted';
$string['extensiondue'] = 'Own deadline';
$string['extensiondue_help'] = 'The deadline of the people chosen. Switch it off to take their own deadline away.';
$string['extensions'] = 'More time for single people';
$string['extensionsintro'] = 'People named here have their own deadline. They can submit until then even if the session is closed.';
$string['fillin'] = 'Fill in';
$string['fingerprint'] = 'File name and SHA-256';
$string['forms'] = 'Forms';
$string['giveback'] = 'Give back for another version';
$string['givenback'] = 'The form is open for its author again.';
$string['groupforms'] = 'Forms of my mentees';
$string['groupis'] = 'Group: {$a}';
$string['hashmismatch'] = 'The uploaded file is not the one announced.';
$string['ignoresecurity'] = 'Allow the address of the service even if HTTP security blocks it';
$string['ignoresecurity_desc'] = 'Moodle refuses calls to private addresses such as 127.0.0.1 and to ports other than 80 and 443. Tick this if the service runs there. It concerns only the address of the service; everything else stays blocked.';
$string['ignoresecurity_help'] = 'Moodle refuses calls to private addresses such as 127.0.0.1 and to ports other than 80 and 443. Tick this if the service runs there. It concerns only the address entered here; everything else stays blocked.';
$string['kind'] = 'Kind of session';
$string['kind_final'] = 'Final session';
$string['kind_help'] = 'Initial: the first session, where goals and expectations are set. Interim: in between, to see how far everyone has come. Final: the last session, where the whole process is evaluated.';
$string['kind_initial'] = 'Initial session';
$string['kind_interim'] = 'Interim session';
$string['language'] = 'Language of the forms';
$string['language_help'] = 'The language in which the forms of this session are shown and its documents are written.';
$string['locktimeout'] = 'Somebody else is writing at the same place; try again.';
$string['manage'] = 'Manage the session';
$string['mentorcopy'] = 'Mentor\'s copy';
$string['message_contactrequest_subject'] = '{$a->person} would like to talk to you';
$string['message_contactrequest_text'] = '{$a->person} asks you to get in touch personally (“{$a->session}”, course “{$a->course}”). {$a->url}';
$string['message_documentready_subject'] = 'Your document is ready: {$a->form}';
$string['message_documentready_text'] = 'The document of your form “{$a->form}” is in “{$a->session}”, course “{$a->course}”. {$a->url}';
$string['message_duesoon_subject'] = 'Reminder: {$a->session}';
$string['message_duesoon_text'] = 'Still to be filled in for “{$a->session}” in the course “{$a->course}”: {$a->form}. Due: {$a->due}. {$a->url}';
$string['message_formopen_subject'] = '{$a->session} is open';
$string['message_formopen_text'] = '“{$a->session}” in the course “{$a->course}” is open. Please fill in: {$a->form}. Due: {$a->due}. {$a->url}';
$string['message_needscorrection_subject'] = 'Please correct: {$a->form}';
$string['message_needscorrection_text'] = 'Your form “{$a->form}” in “{$a->session}”, course “{$a->course}”, is open for you again. What should be corrected is marked in it; your answers are kept. {$a->url}';
$string['messageprovider:contactrequest'] = 'Somebody wishes to talk to the coordinator';
$string['messageprovider:documentready'] = 'The document of my form is ready';
$string['messageprovider:duesoon'] = 'A form is due soon';
$string['messageprovider:formopen'] = 'A monitoring session has opened';
$string['messageprovider:needscorrection'] = 'A form of mine needs correction';
$string['minutes'] = 'about {$a} minutes';
$string['modulename'] = 'Monitoring session';
$string['modulename_help'] = 'One monitoring session of a mentoring process. Mentees, mentors and the coordinator fill in the forms of the monitoring instruments right here, and find every form as an official, unalterable PDF document in the same place. Goals, expectations and recommendations are carried from session to session.';
$string['modulename_summary'] = 'Hold a monitoring session of a mentoring process: forms for mentees, mentors and the coordinator, archived as PDF documents in the session.';
$string['modulename_tip'] = 'Plan all sessions of a course at once with “Monitoring plan” in the course menu.';
$string['modulenameplural'] = 'Monitoring sessions';
$string['monitoringsession:addinstance'] = 'Add a monitoring session';
$string['monitoringsession:coordinate'] = 'Coordinate monitoring sessions';
$string['monitoringsession:mentor'] = 'Take part as a mentor';
$string['monitoringsession:service'] = 'Act as the monitoring service (for its account only)';
$string['monitoringsession:submit'] = 'Take part as a mentee';
$string['monitoringsession:view'] = 'View a monitoring session';
$string['mydocuments'] = 'My documents';
$string['myforms'] = 'My forms';
$string['myprogress'] = 'How far I have come';
$string['noanswer'] = 'No answer';
$string['nobody'] = 'Nobody takes part yet.';
$string['nodeadline'] = 'no deadline';
$string['nodefinition'] = 'The form with which these answers were given is not known on this site. The document shows them.';
$string['nofigures'] = 'There are no figures yet.';
$string['noforms'] = 'The forms arrive when the site is connected to the service. You can save the session now; it will then get the forms usual for its kind.';
$string['noformsforyou'] = 'There are no forms for you in this session.';
$string['nogroup'] = 'You are not in a group yet. Your coordinator has to add you to one before you can fill in forms.';
$string['nosessions'] = 'There are no monitoring sessions in this course yet.';
$string['noteofothers'] = 'Remark: {$a}';
$string['nothingtoshow'] = 'There is nothing to fill in here.';
$string['notpaired'] = 'This site is not connected to a service.';
$string['notpairednotice'] = 'This site is not connected to the service yet: answers are kept, but no PDF documents are made. A site administrator can connect it under Site administration > Plugins > Activity modules > Monitoring session.';
$string['number'] = 'Number';
$string['number_help'] = 'The place of the session in the mentoring process, counted from 1. It is printed on the documents.';
$string['opens'] = 'Opens';
$string['page-mod-monitoringsession-x'] = 'Any monitoring session page';
$string['pair'] = 'Connect';
$string['paired'] = 'The site is connected to the service.';
$string['pairingchanges'] = 'Connecting does the following: it switches on web services and the REST protocol, makes a role, an account and an external service that can do nothing but exchange monitoring data, and gives the service a token for them. Disconnecting takes all of this back. The mobile service is not touched.';
$string['pairingcode'] = 'One-time code';
$string['pairingcode_help'] = 'Six groups of five characters, valid for one hour. Hyphens and small letters do not matter.';
$string['pairingconsent'] = 'I agree that answers given in monitoring sessions are sent to this service';
$string['pairingrefused'] = 'The connection was not made, and nothing was changed. {$a}';
$string['people'] = 'People';
$string['person'] = 'Person';
$string['plan'] = 'Monitoring plan';
$string['pluginadministration'] = 'Monitoring session administration';
$string['pluginname'] = 'Monitoring session';
$string['problem'] = 'Problem';
$string['problemchoose'] = 'Please choose an answer.';
$string['problemdate'] = 'Please enter a date.';
$string['problemexclusive'] = '“{$a}” cannot be chosen together with others.';
$string['problemnumber'] = 'Please enter a whole number.';
$string['problemonerow'] = 'Please fill in at least one.';
$string['problemrange'] = 'Please enter a whole number from {$a->least} to {$a->most}.';
$string['problemrequired'] = 'Please fill this in.';
$string['problemrows'] = 'Please fill in at least {$a}.';
$string['problems'] = 'Problems';
$string['problemtoolong'] = 'At most {$a->limit} characters; there are {$a->length} now.';
$string['problemtoomany'] = 'Please choose at most {$a}.';
$string['reminded'] = 'Reminders sent: {$a}.';
$string['reminderdays'] = 'Remind so many days before';
$string['reminderdays_desc'] = 'Days before the deadline on which people with missing forms are reminded once.';
$string['reopensession'] = 'Open the session again';
$string['resetsubmissions'] = 'Delete all answers, documents and extensions';
$string['retry'] = 'Try again';
$string['retrying'] = 'The service has been asked to try again.';
$string['reviewagain'] = 'Your earlier version stays in the archive and is marked as replaced.';
$string['reviewandsubmit'] = 'Review and submit';
$string['reviewintro'] = 'Please read your answers once more. After submitting, an official document is made from them; until the session closes you can still submit a changed version.';
$string['reviewof'] = 'Review: {$a}';
$string['role_coordinator'] = 'Coordinator';
$string['role_mentee'] = 'Mentee';
$string['role_mentor'] = 'Mentor';
$string['rownumber'] = 'No. {$a}';
$string['savedjustnow'] = 'Draft saved';
$string['savedraft'] = 'Save draft';
$string['sendreminders'] = 'Send reminders';
$string['servicename'] = 'Monitoring service';
$string['servicerole'] = 'Made by connecting the activity Monitoring session to its service. Can do nothing else.';
$string['serviceurl'] = 'Address of the service';
$string['serviceurl_help'] = 'Where this Moodle reaches the service, for example https://bridge.example.org. Plain http is accepted only on the same machine (127.0.0.1).';
$string['sessionclosed'] = 'The session is closed.';
$string['sessionkeptalive'] = 'Your sign-in could not be kept alive. Save the draft before you go on.';
$string['sessionmissing'] = 'There is no such session.';
$string['sessionreopened'] = 'The session is open again.';
$string['settings'] = 'Settings';
$string['signals'] = 'Early-warning signals';
$string['somethingmissing'] = 'Your answers are saved as a draft. Please look at what is marked ({$a}).';
$string['state_changing'] = 'Submitted, change not finished';
$string['state_correction'] = 'Needs correction';
$string['state_draft'] = 'Draft';
$string['state_missed'] = 'Not submitted';
$string['state_notyet'] = 'The session has not opened yet';
$string['state_submitted'] = 'Submitted';
$string['state_todo'] = 'To be filled in';
$string['state_waiting'] = 'Not open yet';
$string['submissionmissing'] = 'There is no such submission.';
$string['submitform'] = 'Submit';
$string['submitted'] = 'Thank you. Your form is submitted.';
$string['summary'] = 'Summary';
$string['superseded'] = 'Replaced by a later version';
$string['task_deliver'] = 'Send messages to the monitoring service';
$string['task_notify'] = 'Notify the author of a form';
$string['task_redeliver'] = 'Send messages to the monitoring service that are still waiting';
$string['task_remind'] = 'Announce monitoring sessions and remind of missing forms';
$string['testconnection'] = 'Test both directions';
$string['thesession'] = 'The session';
$string['unpair'] = 'Disconnect';
$string['unpairconfirm'] = 'Disconnect from the service? The account, role, external service and token made for it are deleted. Answers and documents stay in Moodle.';
$string['unpaired'] = 'The site is disconnected from the service.';
$string['versionnumber'] = 'version {$a}';
$string['versions'] = 'Versions';
$string['viewanswers'] = 'View';
$string['withoutgroup'] = 'no group';
