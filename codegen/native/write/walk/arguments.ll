; Arguments apart: to the addresses of their parts, in the order of the plan.

; A list for an array: numbers, in lists of their own where there are more axes.
define internal ptr @listed(ptr %x, i64 %n, ptr %shape, ptr %to) {
%none = icmp eq i64 %n, 0
br i1 %none, label %one, label %axis
one:
%known = call i1 @plain(ptr %x, ptr %to)
br i1 %known, label %yes, label %no
yes:
%after = getelementptr double, ptr %to, i64 1
ret ptr %after
no:
ret ptr null
axis:
%length = load i64, ptr %shape
%items = call ptr @items(ptr %x, i64 %length)
%wrong = icmp eq ptr %items, null
br i1 %wrong, label %no, label %first
first:
%rest = sub i64 %n, 1
%shape1 = getelementptr i64, ptr %shape, i64 1
%deep = icmp sgt i64 %rest, 0
%empty = icmp eq i64 %length, 0
%hollow = and i1 %deep, %empty ; [] has one axis only
br i1 %hollow, label %no, label %next
next:
%k = phi i64 [ 0, %first ], [ %k1, %going ]
%place = phi ptr [ %to, %first ], [ %place1, %going ]
%more = icmp slt i64 %k, %length
br i1 %more, label %step, label %done
step:
%item.at = getelementptr ptr, ptr %items, i64 %k
%item = load ptr, ptr %item.at
%place1 = call ptr @listed(ptr %item, i64 %rest, ptr %shape1, ptr %place)
%lost = icmp eq ptr %place1, null
br i1 %lost, label %no, label %going
going:
%k1 = add i64 %k, 1
br label %next
done:
ret ptr %place
}

; Whether an array has these lengths.
define internal i1 @shaped(ptr %x, i64 %n, ptr %lengths) {
%n.at = getelementptr i8, ptr %x, i64 $DIMENSIONS$
%found = load i32, ptr %n.at
%dimensions = sext i32 %found to i64
%same = icmp eq i64 %dimensions, %n
br i1 %same, label %first, label %no
first:
%shape.at = getelementptr i8, ptr %x, i64 $SHAPE$
%shape = load ptr, ptr %shape.at
br label %next
next:
%k = phi i64 [ 0, %first ], [ %k1, %step ]
%more = icmp slt i64 %k, %n
br i1 %more, label %step, label %yes
step:
%a.at = getelementptr i64, ptr %shape, i64 %k
%a = load i64, ptr %a.at
%b.at = getelementptr i64, ptr %lengths, i64 %k
%b = load i64, ptr %b.at
%k1 = add i64 %k, 1
%equal = icmp eq i64 %a, %b
br i1 %equal, label %next, label %no
yes:
ret i1 true
no:
ret i1 false
}

; An array, where it lies if that can be read, else converted; the frame's next pointer is to it.
define internal i1 @array(ptr %words, ptr %x, ptr %frame, i64 %flags) {
%n = load i64, ptr %words
%size.at = getelementptr i64, ptr %words, i64 1
%size = load i64, ptr %size.at
%lengths = getelementptr i64, ptr %words, i64 2
%to.at = getelementptr ptr, ptr %frame, i64 1
%to = load ptr, ptr %to.at
%small = icmp sle i64 %size, $GATHERED$
%read = icmp eq i64 %flags, $READ$
%convert = and i1 %small, %read
%t.at = getelementptr i8, ptr %x, i64 $TYPE$
%t = load ptr, ptr %t.at
%is = icmp eq ptr %t, @"object.ndarray"
br i1 %is, label %array, label %other
array:
%right = call i1 @shaped(ptr %x, i64 %n, ptr %lengths)
br i1 %right, label %typed, label %no
typed:
%data.at = getelementptr i8, ptr %x, i64 $DATA$
%data = load ptr, ptr %data.at
%dtype.at = getelementptr i8, ptr %x, i64 $DTYPE$
%dtype = load ptr, ptr %dtype.at
%flags.at = getelementptr i8, ptr %x, i64 $FLAGS$
%has = load i32, ptr %flags.at
%has1 = sext i32 %has to i64
%set = and i64 %has1, %flags
%lies = icmp eq i64 %set, %flags
%double = icmp eq ptr %dtype, @"object.dtype"
%usual = and i1 %lies, %double
br i1 %usual, label %keep, label %gathered
gathered:
%kind = call i32 @kind(ptr %dtype)
%known = icmp ne i32 %kind, 0
%can = and i1 %known, %convert
br i1 %can, label %gather, label %no
gather:
%shape.at = getelementptr i8, ptr %x, i64 $SHAPE$
%shape = load ptr, ptr %shape.at
%strides.at = getelementptr i8, ptr %x, i64 $STRIDES$
%strides = load ptr, ptr %strides.at
%dimensions = trunc i64 %n to i32
%end = call ptr @gather(ptr %data, i32 %dimensions, ptr %shape, ptr %strides, i32 %kind, ptr %to)
store ptr %end, ptr %to.at
br label %keep
other:
%some = icmp sgt i64 %n, 0
%can1 = and i1 %some, %convert
br i1 %can1, label %list, label %no
list:
%end1 = call ptr @listed(ptr %x, i64 %n, ptr %lengths, ptr %to)
%lost = icmp eq ptr %end1, null
br i1 %lost, label %no, label %found
found:
store ptr %end1, ptr %to.at
br label %keep
keep:
%where = phi ptr [ %data, %typed ], [ %to, %gather ], [ %to, %found ]
%place = load ptr, ptr %frame
store ptr %where, ptr %place
%place1 = getelementptr ptr, ptr %place, i64 1
store ptr %place1, ptr %frame
ret i1 true
no:
ret i1 false
}

; Whether all keys of a dict are plain text: then looking one up runs no code of the user's.
define internal i1 @texts(ptr %x) {
%at = alloca i64
%key.at = alloca ptr
store i64 0, ptr %at
br label %next
next:
%more = call i32 @PyDict_Next(ptr %x, ptr %at, ptr %key.at, ptr null)
%going = icmp ne i32 %more, 0
br i1 %going, label %step, label %yes
step:
%key = load ptr, ptr %key.at
%t.at = getelementptr i8, ptr %key, i64 $TYPE$
%t = load ptr, ptr %t.at
%text = icmp eq ptr %t, @"object.str"
br i1 %text, label %next, label %no
yes:
ret i1 true
no:
ret i1 false
}

define internal i1 @same(ptr %a, ptr %b) {
%is = icmp eq ptr %a, %b
br i1 %is, label %yes, label %first
first:
%a.at = getelementptr i8, ptr %a, i64 $TYPE$
%at = load ptr, ptr %a.at
%b.at = getelementptr i8, ptr %b, i64 $TYPE$
%bt = load ptr, ptr %b.at
%a1 = icmp eq ptr %at, @"object.str"
%b1 = icmp eq ptr %bt, @"object.str"
%both = and i1 %a1, %b1
br i1 %both, label %compare, label %no
compare:
%order = call i32 @PyUnicode_Compare(ptr %a, ptr %b)
%equal = icmp eq i32 %order, 0
ret i1 %equal
yes:
ret i1 true
no:
ret i1 false
}

; An array behind an axis of points, of which all have as many, where it lies.
define internal i1 @points(ptr %words, ptr %x, ptr %frame) {
%n = load i64, ptr %words
%lengths = getelementptr i64, ptr %words, i64 2
%t.at = getelementptr i8, ptr %x, i64 $TYPE$
%t = load ptr, ptr %t.at
%is = icmp eq ptr %t, @"object.ndarray"
br i1 %is, label %array, label %no
array:
%dtype.at = getelementptr i8, ptr %x, i64 $DTYPE$
%dtype = load ptr, ptr %dtype.at
%double = icmp eq ptr %dtype, @"object.dtype"
%flags.at = getelementptr i8, ptr %x, i64 $FLAGS$
%flags = load i32, ptr %flags.at
%set = and i32 %flags, $READ$
%lies = icmp eq i32 %set, $READ$
%dimensions.at = getelementptr i8, ptr %x, i64 $DIMENSIONS$
%dimensions = load i32, ptr %dimensions.at
%found = sext i32 %dimensions to i64
%wanted = add i64 %n, 1
%axes = icmp eq i64 %found, %wanted
%usual = and i1 %double, %lies
%right = and i1 %usual, %axes
br i1 %right, label %first, label %no
first:
%shape.at = getelementptr i8, ptr %x, i64 $SHAPE$
%shape = load ptr, ptr %shape.at
%count = load i64, ptr %shape
%behind = getelementptr i64, ptr %shape, i64 1
%known.at = getelementptr i64, ptr %frame, i64 2
%known = load i64, ptr %known.at
%none = icmp slt i64 %known, 0
%equal = icmp eq i64 %known, %count
%fits = or i1 %none, %equal
store i64 %count, ptr %known.at
br i1 %fits, label %next, label %no
next:
%k = phi i64 [ 0, %first ], [ %k1, %step ]
%more = icmp slt i64 %k, %n
br i1 %more, label %step, label %keep
step:
%a.at = getelementptr i64, ptr %behind, i64 %k
%a = load i64, ptr %a.at
%b.at = getelementptr i64, ptr %lengths, i64 %k
%b = load i64, ptr %b.at
%k1 = add i64 %k, 1
%same = icmp eq i64 %a, %b
br i1 %same, label %next, label %no
keep:
%data.at = getelementptr i8, ptr %x, i64 $DATA$
%data = load ptr, ptr %data.at
%place = load ptr, ptr %frame
store ptr %data, ptr %place
%place1 = getelementptr ptr, ptr %place, i64 1
store ptr %place1, ptr %frame
ret i1 true
no:
ret i1 false
}

; A value apart: where the plan goes on, or null.
define internal ptr @take(ptr %plan, ptr %x, ptr %frame) {
%at = alloca i64
%key.at = alloca ptr
%value.at = alloca ptr
%op = load i64, ptr %plan
%one = getelementptr i64, ptr %plan, i64 1
%two = getelementptr i64, ptr %plan, i64 2
%three = getelementptr i64, ptr %plan, i64 3
%first = load i64, ptr %one
%t.at = getelementptr i8, ptr %x, i64 $TYPE$
%t = load ptr, ptr %t.at
switch i64 %op, label %no [ i64 0, label %scalar i64 1, label %array i64 2, label %none
  i64 3, label %row i64 4, label %row i64 5, label %dict i64 6, label %record i64 7, label %named
  i64 8, label %out i64 9, label %points ]
no:
ret ptr null
scalar:
%to.at = getelementptr ptr, ptr %frame, i64 1
%to = load ptr, ptr %to.at
%number = call i1 @number(ptr %x, ptr %to)
br i1 %number, label %kept, label %no
kept:
%place = load ptr, ptr %frame
store ptr %to, ptr %place
%place1 = getelementptr ptr, ptr %place, i64 1
store ptr %place1, ptr %frame
%to1 = getelementptr double, ptr %to, i64 1
store ptr %to1, ptr %to.at
ret ptr %one
array:
%read = call i1 @array(ptr %one, ptr %x, ptr %frame, i64 $READ$)
br i1 %read, label %behind, label %no
out:
%written = call i1 @array(ptr %one, ptr %x, ptr %frame, i64 $WRITTEN$)
br i1 %written, label %behind, label %no
points:
%batched = call i1 @points(ptr %one, ptr %x, ptr %frame)
br i1 %batched, label %behind, label %no
behind:
%after = getelementptr i64, ptr %three, i64 %first
ret ptr %after
none:
%nothing = icmp eq ptr %x, @"object.none"
%on = select i1 %nothing, ptr %one, ptr null
ret ptr %on
row:
%items = call ptr @items(ptr %x, i64 %first)
%wrong = icmp eq ptr %items, null
br i1 %wrong, label %no, label %rows
named:
%class = inttoptr i64 %first to ptr
%is = icmp eq ptr %t, %class
br i1 %is, label %counted, label %no
counted:
%count = load i64, ptr %two
%size.at = getelementptr i8, ptr %x, i64 $SIZE$
%size = load i64, ptr %size.at
%full = icmp eq i64 %size, %count
%fields = getelementptr i8, ptr %x, i64 $ITEMS$
br i1 %full, label %rows, label %no
rows:
%inside = phi ptr [ %items, %row ], [ %fields, %counted ]
%length = phi i64 [ %first, %row ], [ %count, %counted ]
%start = phi ptr [ %two, %row ], [ %three, %counted ]
br label %next
next:
%k = phi i64 [ 0, %rows ], [ %k1, %step ]
%p = phi ptr [ %start, %rows ], [ %p1, %step ]
%lost = icmp eq ptr %p, null
br i1 %lost, label %no, label %going
going:
%more = icmp slt i64 %k, %length
br i1 %more, label %step, label %done
step:
%item.at = getelementptr ptr, ptr %inside, i64 %k
%item = load ptr, ptr %item.at
%p1 = call ptr @part(ptr %p, ptr %item, ptr %frame)
%k1 = add i64 %k, 1
br label %next
done:
ret ptr %p
dict:
%isdict = icmp eq ptr %t, @"object.dict"
br i1 %isdict, label %sized, label %no
sized:
%used.at = getelementptr i8, ptr %x, i64 $USED$
%used = load i64, ptr %used.at
%all = icmp eq i64 %used, %first
%values = getelementptr i64, ptr %two, i64 %first
store i64 0, ptr %at
br i1 %all, label %entry, label %no
entry:
%e = phi i64 [ 0, %sized ], [ %e1, %found ]
%q = phi ptr [ %values, %sized ], [ %q1, %found ]
%qlost = icmp eq ptr %q, null
br i1 %qlost, label %no, label %entries
entries:
%left = icmp slt i64 %e, %first
br i1 %left, label %look, label %ended
ended:
ret ptr %q
look:
%wanted.at = getelementptr ptr, ptr %two, i64 %e
%wanted = load ptr, ptr %wanted.at
%stepped = call i32 @PyDict_Next(ptr %x, ptr %at, ptr %key.at, ptr %value.at)
%any = icmp ne i32 %stepped, 0
br i1 %any, label %compare, label %search
compare:
%key = load ptr, ptr %key.at
%match = call i1 @same(ptr %key, ptr %wanted)
br i1 %match, label %inorder, label %search
inorder:
%value = load ptr, ptr %value.at
br label %found
search:
%plain = call i1 @texts(ptr %x)
br i1 %plain, label %searched, label %no
searched:
%other = call ptr @PyDict_GetItemWithError(ptr %x, ptr %wanted)
%missing = icmp eq ptr %other, null
br i1 %missing, label %no, label %found
found:
%held = phi ptr [ %value, %inorder ], [ %other, %searched ]
%q1 = call ptr @part(ptr %q, ptr %held, ptr %frame)
%e1 = add i64 %e, 1
br label %entry
record:
%kind = inttoptr i64 %first to ptr
%isrecord = icmp eq ptr %t, %kind
br i1 %isrecord, label %fielded, label %no
fielded:
%fieldcount = load i64, ptr %two
%insides = getelementptr i64, ptr %three, i64 %fieldcount
br label %field
field:
%f = phi i64 [ 0, %fielded ], [ %f1, %got ]
%r = phi ptr [ %insides, %fielded ], [ %r1, %got ]
%rlost = icmp eq ptr %r, null
br i1 %rlost, label %no, label %fieldsleft
fieldsleft:
%moref = icmp slt i64 %f, %fieldcount
br i1 %moref, label %get, label %over
over:
ret ptr %r
get:
%name.at = getelementptr ptr, ptr %three, i64 %f
%name = load ptr, ptr %name.at
%attribute = call ptr @PyObject_GetAttr(ptr %x, ptr %name)
%absent = icmp eq ptr %attribute, null
br i1 %absent, label %no, label %got
got:
call void @Py_DecRef(ptr %attribute)
%r1 = call ptr @part(ptr %r, ptr %attribute, ptr %frame)
%f1 = add i64 %f, 1
br label %field
}

; Keywords to their places among ``slots``; false if one is unknown or comes twice.
define internal i1 @placed(ptr %known, i64 %n, ptr %names, ptr %values, ptr %slots) {
%size.at = getelementptr i8, ptr %names, i64 $SIZE$
%size = load i64, ptr %size.at
%given = getelementptr i8, ptr %names, i64 $ITEMS$
br label %next
next:
%j = phi i64 [ 0, %0 ], [ %j1, %put ]
%more = icmp slt i64 %j, %size
br i1 %more, label %search, label %yes
search:
%name.at = getelementptr ptr, ptr %given, i64 %j
%name = load ptr, ptr %name.at
br label %look
look: ; a name that stands in a program is the same object nearly always
%l = phi i64 [ 0, %search ], [ %l1, %looking ]
%l.left = icmp sle i64 %l, %n
br i1 %l.left, label %looking, label %try
looking:
%l.at = getelementptr ptr, ptr %known, i64 %l
%l.one = load ptr, ptr %l.at
%l.is = icmp eq ptr %name, %l.one
%l1 = add i64 %l, 1
br i1 %l.is, label %free, label %look
try:
%i = phi i64 [ 0, %look ], [ %i1, %on ]
%left = icmp sle i64 %i, %n
br i1 %left, label %compare, label %no
compare:
%known.at = getelementptr ptr, ptr %known, i64 %i
%one = load ptr, ptr %known.at
%same = call i1 @same(ptr %name, ptr %one)
br i1 %same, label %free, label %on
on:
%i1 = add i64 %i, 1
br label %try
free:
%which = phi i64 [ %l, %looking ], [ %i, %compare ]
%slot = getelementptr ptr, ptr %slots, i64 %which
%before = load ptr, ptr %slot
%isfree = icmp eq ptr %before, null
br i1 %isfree, label %put, label %no
put:
%value.at = getelementptr ptr, ptr %values, i64 %j
%value = load ptr, ptr %value.at
store ptr %value, ptr %slot
%j1 = add i64 %j, 1
br label %next
yes:
ret i1 true
no:
ret i1 false
}

; The same of a part inside: most are floats, which need no call.
define internal ptr @part(ptr %plan, ptr %x, ptr %frame) alwaysinline {
%op = load i64, ptr %plan
%scalar = icmp eq i64 %op, 0
br i1 %scalar, label %typed, label %any
typed:
%t.at = getelementptr i8, ptr %x, i64 $TYPE$
%t = load ptr, ptr %t.at
%float = icmp eq ptr %t, @"object.float"
br i1 %float, label %quick, label %any
quick:
%number.at = getelementptr i8, ptr %x, i64 $NUMBER$
%number = load double, ptr %number.at
%to.at = getelementptr ptr, ptr %frame, i64 1
%to = load ptr, ptr %to.at
store double %number, ptr %to
%place = load ptr, ptr %frame
store ptr %to, ptr %place
%place1 = getelementptr ptr, ptr %place, i64 1
store ptr %place1, ptr %frame
%to1 = getelementptr double, ptr %to, i64 1
store ptr %to1, ptr %to.at
%one = getelementptr i64, ptr %plan, i64 1
ret ptr %one
any:
%after = call ptr @take(ptr %plan, ptr %x, ptr %frame)
ret ptr %after
}
