; Numbers to doubles: scalars of Python and NumPy, arrays with whatever strides.

define internal i32 @kind(ptr %dtype) {
%d = icmp eq ptr %dtype, @"object.dtype"
br i1 %d, label %double, label %b
b:
%f = icmp eq ptr %dtype, @"object.dtype32"
br i1 %f, label %single, label %c
c:
%i = icmp eq ptr %dtype, @"object.dtype_int"
%k = select i1 %i, i32 3, i32 0
ret i32 %k
double:
ret i32 1
single:
ret i32 2
}

; One number, or an axis of them, to memory; where the memory goes on.
define internal ptr @gather(ptr %data, i32 %n, ptr %shape, ptr %strides, i32 %kind, ptr %to) {
%none = icmp eq i32 %n, 0
br i1 %none, label %one, label %axis
one:
switch i32 %kind, label %whole [ i32 1, label %double i32 2, label %single ]
double:
%d = load double, ptr %data, align 1
br label %store
single:
%f = load float, ptr %data, align 1
%e = fpext float %f to double
br label %store
whole:
%i = load i64, ptr %data, align 1
%j = sitofp i64 %i to double
br label %store
store:
%v = phi double [ %d, %double ], [ %e, %single ], [ %j, %whole ]
store double %v, ptr %to
%after = getelementptr double, ptr %to, i64 1
ret ptr %after
axis:
%length = load i64, ptr %shape
%stride = load i64, ptr %strides
%rest = sub i32 %n, 1
%shape1 = getelementptr i64, ptr %shape, i64 1
%strides1 = getelementptr i64, ptr %strides, i64 1
br label %next
next:
%k = phi i64 [ 0, %axis ], [ %k1, %step ]
%here = phi ptr [ %data, %axis ], [ %there, %step ]
%place = phi ptr [ %to, %axis ], [ %place1, %step ]
%more = icmp slt i64 %k, %length
br i1 %more, label %step, label %done
step:
%place1 = call ptr @gather(ptr %here, i32 %rest, ptr %shape1, ptr %strides1, i32 %kind, ptr %place)
%there = getelementptr i8, ptr %here, i64 %stride
%k1 = add i64 %k, 1
br label %next
done:
ret ptr %place
}

; A real number as a double; false if it is none that is known here.
define internal i1 @number(ptr %x, ptr %to) {
%t.at = getelementptr i8, ptr %x, i64 $TYPE$
%t = load ptr, ptr %t.at
%v.at = getelementptr i8, ptr %x, i64 $NUMBER$
%a = icmp eq ptr %t, @"object.float"
br i1 %a, label %double, label %b
b:
%b1 = icmp eq ptr %t, @"object.float64"
br i1 %b1, label %double, label %c
c:
%c1 = icmp eq ptr %t, @"object.int"
br i1 %c1, label %int, label %d
d:
%d1 = icmp eq ptr %t, @"object.float32"
br i1 %d1, label %single, label %e
e:
%e1 = icmp eq ptr %t, @"object.int64"
br i1 %e1, label %whole, label %f
f:
%f1 = icmp eq ptr %t, @"object.ndarray"
br i1 %f1, label %array, label %unknown
double:
%v = load double, ptr %v.at
store double %v, ptr %to
ret i1 true
single:
%s = load float, ptr %v.at
%s1 = fpext float %s to double
store double %s1, ptr %to
ret i1 true
whole:
%w = load i64, ptr %v.at
%w1 = sitofp i64 %w to double
store double %w1, ptr %to
ret i1 true
int:
%i = call double @PyLong_AsDouble(ptr %x)
store double %i, ptr %to
%m = fcmp oeq double %i, -1.0
br i1 %m, label %check, label %known
check:
%error = call ptr @PyErr_Occurred()
%fine = icmp eq ptr %error, null
ret i1 %fine
known:
ret i1 true
array:
%n.at = getelementptr i8, ptr %x, i64 $DIMENSIONS$
%n = load i32, ptr %n.at
%n0 = icmp eq i32 %n, 0
br i1 %n0, label %typed, label %unknown
typed:
%dtype.at = getelementptr i8, ptr %x, i64 $DTYPE$
%dtype = load ptr, ptr %dtype.at
%kind = call i32 @kind(ptr %dtype)
%k0 = icmp eq i32 %kind, 0
br i1 %k0, label %unknown, label %read
read:
%data.at = getelementptr i8, ptr %x, i64 $DATA$
%data = load ptr, ptr %data.at
%after = call ptr @gather(ptr %data, i32 0, ptr null, ptr null, i32 %kind, ptr %to)
ret i1 true
unknown:
ret i1 false
}

define internal i1 @plain(ptr %x, ptr %to) {
%t.at = getelementptr i8, ptr %x, i64 $TYPE$
%t = load ptr, ptr %t.at
%array = icmp eq ptr %t, @"object.ndarray"
br i1 %array, label %no, label %yes
no:
ret i1 false
yes:
%found = call i1 @number(ptr %x, ptr %to)
ret i1 %found
}

define internal ptr @items(ptr %x, i64 %n) {
%t.at = getelementptr i8, ptr %x, i64 $TYPE$
%t = load ptr, ptr %t.at
%tuple = icmp eq ptr %t, @"object.tuple"
%list = icmp eq ptr %t, @"object.list"
%either = or i1 %tuple, %list
br i1 %either, label %row, label %no
row:
%size.at = getelementptr i8, ptr %x, i64 $SIZE$
%size = load i64, ptr %size.at
%same = icmp eq i64 %size, %n
br i1 %same, label %yes, label %no
yes:
%inside = getelementptr i8, ptr %x, i64 $ITEMS$
%without = icmp eq i64 %n, 0 ; an empty list has no memory for items
%inline = or i1 %tuple, %without
br i1 %inline, label %here, label %there
here:
ret ptr %inside
there:
%outside = load ptr, ptr %inside
ret ptr %outside
no:
ret ptr null
}
