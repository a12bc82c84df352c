-- sqitch's registry, version 1.1: the tables in which it keeps what is deployed.

create schema sqitch;
comment on schema sqitch is 'Sqitch database deployment metadata v1.1.';

create table sqitch.releases (
    version         real        not null,
    installed_at    timestamptz not null default clock_timestamp(),
    installer_name  text        not null,
    installer_email text        not null,
    constraint releases_pkey primary key (version)
);

create table sqitch.projects (
    project       text        not null,
    uri           text,
    created_at    timestamptz not null default clock_timestamp(),
    creator_name  text        not null,
    creator_email text        not null,
    constraint projects_pkey primary key (project),
    constraint projects_uri_key unique (uri)
);

create table sqitch.changes (
    change_id       text        not null,
    script_hash     text,
    change          text        not null,
    project         text        not null,
    note            text        not null default '',
    committed_at    timestamptz not null default clock_timestamp(),
    committer_name  text        not null,
    committer_email text        not null,
    planned_at      timestamptz not null,
    planner_name    text        not null,
    planner_email   text        not null,
    constraint changes_pkey primary key (change_id),
    constraint changes_project_script_hash_key unique (project, script_hash),
    constraint changes_project_fkey foreign key (project)
        references sqitch.projects on update cascade
);

create table sqitch.tags (
    tag_id          text        not null,
    tag             text        not null,
    project         text        not null,
    change_id       text        not null,
    note            text        not null default '',
    committed_at    timestamptz not null default clock_timestamp(),
    committer_name  text        not null,
    committer_email text        not null,
    planned_at      timestamptz not null,
    planner_name    text        not null,
    planner_email   text        not null,
    constraint tags_pkey primary key (tag_id),
    constraint tags_project_tag_key unique (project, tag),
    constraint tags_project_fkey foreign key (project)
        references sqitch.projects on update cascade,
    constraint tags_change_id_fkey foreign key (change_id)
        references sqitch.changes on update cascade
);

create table sqitch.dependencies (
    change_id     text not null,
    type          text not null,
    dependency    text not null,
    dependency_id text,
    constraint dependencies_pkey primary key (change_id, dependency),
    constraint dependencies_check check (
        (type = 'require' and dependency_id is not null)
        or (type = 'conflict' and dependency_id is null)),
    constraint dependencies_change_id_fkey foreign key (change_id)
        references sqitch.changes on update cascade on delete cascade,
    constraint dependencies_dependency_id_fkey foreign key (dependency_id)
        references sqitch.changes on update cascade
);

create table sqitch.events (
    event           text        not null,
    change_id       text        not null,
    change          text        not null,
    project         text        not null,
    note            text        not null default '',
    requires        text[]      not null default '{}',
    conflicts       text[]      not null default '{}',
    tags            text[]      not null default '{}',
    committed_at    timestamptz not null default clock_timestamp(),
    committer_name  text        not null,
    committer_email text        not null,
    planned_at      timestamptz not null,
    planner_name    text        not null,
    planner_email   text        not null,
    constraint events_pkey primary key (change_id, committed_at),
    constraint events_event_check check (event in ('deploy', 'revert', 'fail', 'merge')),
    constraint events_project_fkey foreign key (project)
        references sqitch.projects on update cascade
);
